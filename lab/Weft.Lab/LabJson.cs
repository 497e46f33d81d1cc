using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Weft.Contracts;
using Weft.Lab.Probes;

namespace Weft.Lab;

/// <summary>How packets get from node to node.</summary>
public enum RoutingMode
{
    /// <summary>In VXLAN: works on every network between the nodes.</summary>
    [JsonStringEnumMemberName("vxlan")]
    Vxlan,

    /// <summary>As they are: the network between the nodes knows the pods' prefixes.</summary>
    [JsonStringEnumMemberName("native")]
    Native,
}

/// <summary>The agent's configuration, as far as the lab sets it.</summary>
/// <param name="NodeName">The node's.</param>
/// <param name="RoutingMode">How packets get from node to node.</param>
/// <param name="PodCidrs">Without Kubernetes: of the node's pods.</param>
/// <param name="PeersDirectory">Without Kubernetes: where the other nodes are found.</param>
/// <param name="Kubernetes">How to reach the API server.</param>
/// <param name="StateDirectory">What is kept over restarts.</param>
/// <param name="CniConfigDirectory">Where runtimes look.</param>
/// <param name="ServiceCidrs">What ClusterIPs are taken from.</param>
/// <param name="CgroupRoot">Control group of the node's processes.</param>
public sealed record AgentConfig(
    string NodeName,
    RoutingMode RoutingMode,
    IReadOnlyList<string>? PodCidrs = null,
    string? PeersDirectory = null,
    AgentKubernetes? Kubernetes = null,
    string? StateDirectory = null,
    string? CniConfigDirectory = null,
    IReadOnlyList<string>? CniChain = null,
    IReadOnlyList<string>? ServiceCidrs = null,
    string? CgroupRoot = null
);

public sealed record AgentKubernetes(string Kubeconfig);

/// <summary>The operator's configuration, as far as the lab sets it.</summary>
public sealed record OperatorConfig(IReadOnlyList<string> ClusterPodCidrs);

/// <summary>What a runtime keeps of a pod until it is deleted.</summary>
/// <param name="Node">Number of the pod's node.</param>
/// <param name="ContainerId">CNI_CONTAINERID.</param>
/// <param name="Uid">The Kubernetes object's.</param>
/// <param name="Command">What runs in the pod; empty when it only has a network.</param>
/// <param name="Network">The CNI configuration list of ADD, for DEL. Null for a pod in its node's own network.</param>
/// <param name="CapabilityArgs">What ADD was told for plugins' capabilities, for DEL.</param>
/// <param name="Result">The result of CNI ADD, as the plugin wrote it. Null until ADD has ended.</param>
/// <param name="Containers">The processes of a Kubernetes pod, those that ended too.</param>
public sealed record PodRecord(
    int Node,
    string ContainerId,
    string Uid,
    IReadOnlyList<string> Command,
    JsonObject? Network = null,
    JsonObject? CapabilityArgs = null,
    JsonObject? Result = null,
    IReadOnlyList<ContainerRecord>? Containers = null
)
{
    /// <summary>The pod's addresses, without prefix length.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Addresses =>
        Result?["ips"] is JsonArray ips ? [.. ips.Select(ip => ((string)ip!["address"]!).Split('/')[0])] : [];
}

/// <summary>What has to be known of a container to take it over from a kubelet that ended.</summary>
/// <param name="Name">In the pod.</param>
/// <param name="Id">Differs between starts.</param>
/// <param name="Pid">Of its first process.</param>
/// <param name="StartTicks">When that started, in clock ticks since boot.</param>
/// <param name="StartedAt">The same as a time.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="Ended">How it ended; null while it runs, as far as the kubelet knew.</param>
/// <param name="Before">How it ended the time before.</param>
public sealed record ContainerRecord(
    string Name,
    string Id,
    int Pid,
    ulong StartTicks,
    DateTimeOffset StartedAt,
    int Restarts,
    ContainerEnd? Ended = null,
    ContainerEnd? Before = null
);

/// <summary>How a container ended.</summary>
/// <param name="Id">The container's, of that start.</param>
/// <param name="ExitCode">As shells count: 128 and the signal's number when one ended it.</param>
/// <param name="Reason">Completed, Error, or ContainerStatusUnknown when nobody saw the exit code.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="FinishedAt">When it ended, or was found ended.</param>
/// <param name="Message">Its last words, if its terminationMessagePolicy takes them from its log.</param>
public sealed record ContainerEnd(
    string Id,
    int ExitCode,
    string Reason,
    DateTimeOffset StartedAt,
    DateTimeOffset FinishedAt,
    string? Message = null
);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(AgentConfig))]
[JsonSerializable(typeof(OperatorConfig))]
[JsonSerializable(typeof(PeerState))]
[JsonSerializable(typeof(PodRecord))]
[JsonSerializable(typeof(LabStatus))]
[JsonSerializable(typeof(ProbeResult))]
public sealed partial class LabJson : JsonSerializerContext
{
    /// <summary>Writes a file that readers see whole or not at all.</summary>
    internal static void Save<T>(string path, T value, JsonTypeInfo<T> type)
    {
        var temporary = path + ".tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(value, type) + "\n");
        File.Move(temporary, path, overwrite: true);
    }

    /// <exception cref="LabException">The file is damaged.</exception>
    internal static T Load<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), type) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new LabException($"{path} is damaged ({e.Message}): remove the lab with `weft lab down`");
        }
    }
}
