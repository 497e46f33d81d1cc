using System.Text.Json.Nodes;
using Weft.Kubernetes.Objects;

namespace Weft.Resources.Definitions;

internal static class NodeDefinition
{
    public static CustomResourceDefinition Make() =>
        CustomResources.Make(
            WeftResources.Nodes,
            "wn",
            CustomResources.Root(
                "What other nodes need to route to this one. Written by the operator and the node's agent.",
                new Property(
                    "spec",
                    Schema.Object(
                        "Where the node and its pods are.",
                        new Property("podCIDRs", PodCidrs()),
                        new Property("addresses", Addresses()),
                        new Property(
                            "routingMode",
                            Schema.Choice("How pods of different nodes reach each other.", "vxlan", "native")
                        )
                    )
                ),
                new Property(
                    "status",
                    Schema.Object(
                        "How the node is.",
                        new Property("conditions", Schema.Conditions()),
                        new Property("agentVersion", Schema.Text("Version of the agent that wrote last.", 64))
                    )
                )
            ),
            status: true,
            Column.Of("CIDRs", "string", ".spec.podCIDRs"),
            Column.Of("Addresses", "string", ".spec.addresses"),
            Column.Condition(WeftNodeStatus.Ready),
            Column.Of("Routing", "string", ".spec.routingMode", wide: true),
            Column.Of("Agent", "string", ".status.agentVersion", wide: true)
        );

    private static JsonObject PodCidrs() =>
        Schema
            .List(
                "Prefixes of the node's pods. The operator's to write.",
                Schema.Text("A prefix, host bits clear.", CidrRules.LongestText),
                16
            )
            .Atomic()
            .Rule($"self.all(c, {CidrRules.Canonical("c")})", "each must be a prefix with host bits clear");

    private static JsonObject Addresses() =>
        Schema
            .List(
                "Underlay addresses; the first of each family ends tunnels. The agent's to write.",
                Schema.Text("An IPv4 or IPv6 address.", CidrRules.LongestText),
                16
            )
            .Atomic()
            .Rule("self.all(a, isIP(a))", "each must be an IPv4 or IPv6 address");
}
