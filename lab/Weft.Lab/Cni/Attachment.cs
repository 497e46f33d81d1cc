using System.Text.Json.Nodes;

namespace Weft.Lab.Cni;

/// <summary>A pod's place in a network, as the runtime tells plugins of it.</summary>
/// <param name="CapabilityArgs">Values of capabilities by name; each plugin gets those it declares. Null for none.</param>
internal sealed record Attachment(
    PodName Pod,
    string Uid,
    string ContainerId,
    string Netns,
    JsonObject? CapabilityArgs = null
)
{
    /// <summary>CNI_ARGS as containerd writes it.</summary>
    public string Arguments =>
        string.Join(
            ';',
            "IgnoreUnknown=1",
            $"K8S_POD_NAMESPACE={Pod.Namespace}",
            $"K8S_POD_NAME={Pod.Name}",
            $"K8S_POD_INFRA_CONTAINER_ID={ContainerId}",
            $"K8S_POD_UID={Uid}"
        );
}
