using System.Text.Json.Nodes;
using Weft.Kubernetes.Objects;

namespace Weft.Resources.Definitions;

internal static class EndpointSliceDefinition
{
    public static CustomResourceDefinition Make() =>
        CustomResources.Make(
            WeftResources.EndpointSlices,
            "wes",
            CustomResources.Root(
                "Some of a node's pods. Written by the node's agent.",
                new Property("nodeName", Schema.Text("The node.", 253, 1), Required: true),
                new Property(
                    "endpoints",
                    Schema.List("Its pods.", Endpoint(), WeftEndpointSlice.Capacity).Atomic(),
                    Required: true
                )
            ),
            status: false,
            Column.Of("Node", "string", ".nodeName")
        );

    private static JsonObject Endpoint() =>
        Schema.Object(
            "A pod on the network.",
            new Property("namespace", Schema.Text("The pod's namespace.", 63, 1), Required: true),
            new Property("pod", Schema.Text("The pod's name.", 253, 1), Required: true),
            new Property("uid", Schema.Text("The pod's uid.", 64)),
            new Property(
                "ips",
                Schema
                    .List("Its addresses, one of each family.", Schema.Text("An address.", CidrRules.LongestText), 2, 1)
                    .Atomic(),
                Required: true
            ),
            new Property(
                "identity",
                Schema.Number("Number of its identity.", 0, (int)WeftIdentitySpec.LastId),
                Required: true
            )
        );
}
