using System.Text.Json.Nodes;
using Weft.Kubernetes.Objects;

namespace Weft.Resources.Definitions;

internal static class IdentityDefinition
{
    // A qualified name: 253 characters of prefix, a slash, 63 of name. A label's value: 63 (apimachinery's validation).
    private const int LongestKey = 317;
    private const int LongestValue = 63;
    private const int LongestPortName = 15;

    public static CustomResourceDefinition Make() =>
        CustomResources.Make(
            WeftResources.Identities,
            "wid",
            CustomResources.Root(
                "A number for all pods that no network policy can tell apart. Written by the operator.",
                new Property("spec", Spec(), Required: true)
            ),
            status: false,
            Column.Of("ID", "integer", ".spec.id"),
            Column.Of("Namespace", "string", ".spec.namespace"),
            Column.Of("Labels", "string", ".spec.labels"),
            Column.Of("NamespaceLabels", "string", ".spec.namespaceLabels", wide: true),
            Column.Of("Ports", "string", ".spec.ports", wide: true)
        );

    private static JsonObject Spec() =>
        Schema
            .Object(
                "A number and what it stands for.",
                new Property(
                    "id",
                    Schema.Number(
                        "The number that packets carry.",
                        (int)WeftIdentitySpec.FirstId,
                        (int)WeftIdentitySpec.LastId
                    ),
                    Required: true
                ),
                new Property("namespace", Schema.Text("The pods' namespace.", 63, 1), Required: true),
                new Property("labels", Labels("The pods' labels, of those keys that policies name.")),
                new Property("absentLabels", Keys("Keys that policies name and the pods do not have.")),
                new Property("namespaceLabels", Labels("The namespace's labels, of those keys that policies name.")),
                new Property("absentNamespaceLabels", Keys("Keys that policies name and the namespace does not have.")),
                new Property("ports", Ports()),
                new Property("absentPorts", AbsentPorts())
            )
            .Rule("self == oldSelf", "an identity never changes; the operator makes another one");

    private static JsonObject Labels(string description) =>
        Schema.Map(description, Schema.Text("The label's value.", LongestValue), WeftIdentitySpec.MostKeys);

    private static JsonObject Keys(string description) =>
        Schema.List(description, Schema.Text("A label's key.", LongestKey, 1), WeftIdentitySpec.MostKeys).Atomic();

    private static JsonObject AbsentPorts() =>
        Schema
            .List(
                "Names that policies use and the pods do not have.",
                Schema.Text("A port's name and protocol, as in http/TCP.", LongestPortName + "/SCTP".Length, 1),
                WeftIdentitySpec.MostKeys
            )
            .Atomic();

    private static JsonObject Ports() =>
        Schema
            .List(
                "The pods' ports, of those names that policies use.",
                Schema.Object(
                    "A number behind a name.",
                    new Property("name", Schema.Text("The port's name.", LongestPortName, 1), Required: true),
                    new Property("protocol", Schema.Choice("Its protocol.", "TCP", "UDP", "SCTP"), Required: true),
                    new Property("port", Schema.Number("Its number.", 1, ushort.MaxValue), Required: true)
                ),
                WeftIdentitySpec.MostKeys
            )
            .Atomic();
}
