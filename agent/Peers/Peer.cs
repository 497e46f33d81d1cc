using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Net;

namespace Weft.Agent.Peers;

/// <summary>Another node, as its file has it.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Addresses">Its underlay addresses.</param>
/// <param name="PodCidrs">Prefixes of its pods.</param>
internal sealed record PeerFile(string Name, IReadOnlyList<string> Addresses, IReadOnlyList<string> PodCidrs);

/// <summary>Another node.</summary>
internal sealed record Peer(string Name, IReadOnlyList<Ip> Addresses, IReadOnlyList<Prefix> PodCidrs)
{
    /// <summary>Reads a node's file.</summary>
    /// <exception cref="FormatException">It makes no sense; the message says what to change.</exception>
    public static Peer Parse(ReadOnlySpan<byte> json)
    {
        PeerFile file;
        try
        {
            file =
                JsonSerializer.Deserialize(json, PeerJson.Default.PeerFile)
                ?? throw new FormatException("it is null; it must be an object");
        }
        catch (JsonException e)
        {
            throw new FormatException(e.Message.Split(". Path:")[0]);
        }

        if (file.Name.Length == 0 || file.Addresses.Count == 0)
        {
            throw new FormatException("a node needs a \"name\" and at least one of \"addresses\"");
        }

        return new Peer(
            file.Name,
            [.. file.Addresses.Select(Ip.Parse)],
            [.. file.PodCidrs.Select(text => Prefix.Parse(text).Network)]
        );
    }

    /// <summary>The address to reach the node by from one that has these; IPv4 where both have it.</summary>
    public Ip? ReachedFrom(IReadOnlyList<Ip> own)
    {
        foreach (var v4 in (ReadOnlySpan<bool>)[true, false])
        {
            if (own.Any(address => address.IsV4 == v4))
            {
                foreach (var address in Addresses)
                {
                    if (address.IsV4 == v4)
                    {
                        return address;
                    }
                }
            }
        }

        return null;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(PeerFile))]
internal sealed partial class PeerJson : JsonSerializerContext;
