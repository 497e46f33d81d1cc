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
public sealed record AgentConfig(
    string NodeName,
    IReadOnlyList<string> PodCidrs,
    RoutingMode RoutingMode,
    string PeersDirectory
);

/// <summary>What a runtime keeps of a pod until it is deleted.</summary>
/// <param name="Node">Number of the pod's node.</param>
/// <param name="ContainerId">CNI_CONTAINERID.</param>
/// <param name="Uid">The Kubernetes object's.</param>
/// <param name="Command">What runs in the pod; empty when it only has a network.</param>
/// <param name="Result">The result of CNI ADD, as the plugin wrote it. Null until ADD has ended.</param>
public sealed record PodRecord(
    int Node,
    string ContainerId,
    string Uid,
    IReadOnlyList<string> Command,
    JsonObject? Result = null
)
{
    /// <summary>The pod's addresses, without prefix length.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Addresses =>
        Result?["ips"] is JsonArray ips ? [.. ips.Select(ip => ((string)ip!["address"]!).Split('/')[0])] : [];
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(AgentConfig))]
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
