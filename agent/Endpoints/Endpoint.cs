using System.Text.Json.Serialization;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Net;
using Weft.Policy.Identities;

namespace Weft.Agent.Endpoints;

/// <summary>A pod of this node, from the end of its ADD to its DEL or the end of its link.</summary>
/// <param name="Id">Its attachment.</param>
/// <param name="Network">Name of the CNI network.</param>
/// <param name="Netns">CNI_NETNS of its ADD, for people.</param>
/// <param name="Pod">The pod, when the runtime named it.</param>
/// <param name="HostIfIndex">Index of its veth's host end.</param>
/// <param name="Attachment">What ADD answered.</param>
/// <param name="Identity">What policy sees of it.</param>
/// <param name="PacketOnly">Cookie of its network namespace, when sockets there are to be left alone.</param>
/// <param name="PortMappings">Ports of the node that lead to it.</param>
internal sealed record Endpoint(
    AttachmentId Id,
    string Network,
    string? Netns,
    PodReference? Pod,
    int HostIfIndex,
    Attachment Attachment,
    uint Identity = ReservedIdentity.Unmanaged,
    ulong? PacketOnly = null,
    IReadOnlyList<PortMapping>? PortMappings = null
)
{
    /// <summary>Its addresses.</summary>
    [JsonIgnore]
    public IEnumerable<Ip> Ips => Attachment.Addresses.Select(address => Prefix.Parse(address.Address).Address);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(Endpoint))]
internal sealed partial class EndpointJson : JsonSerializerContext;
