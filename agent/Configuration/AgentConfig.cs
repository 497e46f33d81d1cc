using System.Text.Json.Serialization;

namespace Weft.Agent.Configuration;

/// <summary>How pods of different nodes reach each other.</summary>
internal enum RoutingMode
{
    /// <summary>Through a VXLAN tunnel (RFC 7348): works wherever the nodes reach each other.</summary>
    Vxlan,

    /// <summary>By routes: the nodes share one L2 network, or the network knows where the pods are.</summary>
    Native,
}

/// <summary>The agent's configuration as the file has it; what it leaves out is null. See docs/configuration.md.</summary>
internal sealed record AgentConfig
{
    /// <summary>This node's name; its own file among the peers' is left out by it.</summary>
    public string? NodeName { get; init; }

    /// <summary>Live from the Kubernetes API; instead of <see cref="PodCidrs"/> and <see cref="PeersDirectory"/>.</summary>
    public KubernetesConfig? Kubernetes { get; init; }

    /// <summary>Prefixes this node's pods get addresses from: at least one, a pod gets one address of each family.</summary>
    public IReadOnlyList<string>? PodCidrs { get; init; }

    /// <summary>How pods of different nodes reach each other: "vxlan" or "native".</summary>
    public string? RoutingMode { get; init; }

    /// <summary>UDP port of the tunnel.</summary>
    public int? TunnelPort { get; init; }

    /// <summary>Devices to the outside. Default: those of the default routes.</summary>
    public IReadOnlyList<string>? Devices { get; init; }

    /// <summary>MTU of pods, in bytes. Default: the smallest of the devices', less the tunnel's headers.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether pods' packets to the world leave under the node's address.</summary>
    public bool? Masquerade { get; init; }

    /// <summary>Ports to masquerade with, "first-last". They must not be ones the host's own connections use.</summary>
    public string? MasqueradePorts { get; init; }

    /// <summary>How long a released address rests before another pod gets it.</summary>
    public int? AddressCoolDownSeconds { get; init; }

    /// <summary>Whether Services are served, in place of kube-proxy.</summary>
    public bool? KubeProxyReplacement { get; init; }

    /// <summary>Prefixes that ClusterIPs are taken from.</summary>
    public IReadOnlyList<string>? ServiceCidrs { get; init; }

    /// <summary>Directory of the control group that all of the node's processes are in.</summary>
    public string? CgroupRoot { get; init; }

    /// <summary>Whether connections from outside to endpoints on other nodes are forwarded by XDP.</summary>
    public bool? Xdp { get; init; }

    /// <summary>How clients outside are answered by endpoints on other nodes than they came to: "snat" or "dsr".</summary>
    public string? LoadBalancerMode { get; init; }

    /// <summary>Directory with a file for each node of the cluster.</summary>
    public string? PeersDirectory { get; init; }

    /// <summary>Directory of the agent's socket and records.</summary>
    public string? RunDirectory { get; init; }

    /// <summary>Directory of what the agent has learned from Kubernetes, for a start without it.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>Directory that the runtime reads its CNI configuration from; the agent writes Weft's.</summary>
    public string? CniConfigDirectory { get; init; }

    /// <summary>Plugins that come after Weft in that configuration.</summary>
    public IReadOnlyList<string>? CniChain { get; init; }

    /// <summary>Whether other networks' configurations there are set aside.</summary>
    public bool? CniExclusive { get; init; }

    /// <summary>Address and port of health and metrics.</summary>
    public string? Listen { get; init; }

    /// <summary>Directory of a bpffs where the maps are pinned.</summary>
    public string? BpfDirectory { get; init; }
}

/// <summary>How the agent gets to the API server.</summary>
internal sealed record KubernetesConfig
{
    /// <summary>A kubeconfig file. Default: the pod's service account.</summary>
    public string? Kubeconfig { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    ReadCommentHandling = System.Text.Json.JsonCommentHandling.Skip,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(AgentConfig))]
internal sealed partial class ConfigJson : JsonSerializerContext;
