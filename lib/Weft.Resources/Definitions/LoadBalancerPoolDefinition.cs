using System.Text.Json.Nodes;
using Weft.Kubernetes.Objects;

namespace Weft.Resources.Definitions;

internal static class LoadBalancerPoolDefinition
{
    private const int LongestLabelKey = 317;
    private const int LongestLabelValue = 63;
    private const int MostLabels = 64;

    public static CustomResourceDefinition Make() =>
        CustomResources.Make(
            WeftResources.LoadBalancerPools,
            "wlb",
            CustomResources.Root(
                "Addresses for Services of type LoadBalancer, which the operator gives to them.",
                new Property("spec", Spec(), Required: true),
                new Property("status", Status())
            ),
            status: true,
            Column.Of("CIDRs", "string", ".spec.cidrs"),
            Column.Of("Used", "integer", ".status.used"),
            Column.Condition(WeftLoadBalancerPoolStatus.Ready),
            Column.Of("Message", "string", ".status.conditions[?(@.type=='Ready')].message", wide: true)
        );

    private static JsonObject Spec() =>
        Schema.Object(
            "What the pool has, and for whom.",
            new Property(
                "cidrs",
                Schema
                    .List(
                        "Prefixes, IPv4 or IPv6; every address of them is given.",
                        Schema
                            .Text("A prefix.", CidrRules.LongestText)
                            .Rule(
                                CidrRules.Canonical("self"),
                                "must be a prefix with host bits clear, such as 192.0.2.0/24 or 2001:db8::/120"
                            ),
                        WeftLoadBalancerPool.MostCidrs,
                        1
                    )
                    .Atomic(),
                Required: true
            ),
            new Property("serviceSelector", Selector())
        );

    private static JsonObject Selector() =>
        Schema.Object(
            "The Services that may have addresses of it, by their labels; all without it.",
            new Property(
                "matchLabels",
                Schema.Map(
                    "Labels that must have these values.",
                    Schema.Text("The value.", LongestLabelValue),
                    MostLabels
                )
            ),
            new Property(
                "matchExpressions",
                Schema
                    .List(
                        "Expressions, all of which must hold.",
                        Schema.Object(
                            "One of them.",
                            new("key", Schema.Text("Label key.", LongestLabelKey, 1), Required: true),
                            new(
                                "operator",
                                Schema.Choice("How.", "In", "NotIn", "Exists", "DoesNotExist"),
                                Required: true
                            ),
                            new(
                                "values",
                                Schema
                                    .List(
                                        "Values of In and NotIn.",
                                        Schema.Text("One of them.", LongestLabelValue),
                                        MostLabels
                                    )
                                    .Atomic()
                            )
                        ),
                        MostLabels
                    )
                    .Atomic()
            )
        );

    private static JsonObject Status() =>
        Schema.Object(
            "What became of it.",
            new Property("used", Schema.Count("Addresses that Services have.")),
            new Property("conditions", Schema.Conditions())
        );
}
