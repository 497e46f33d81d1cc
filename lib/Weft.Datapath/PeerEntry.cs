using System.Runtime.InteropServices;
using Weft.Bpf;
using Weft.Net;

namespace Weft.Datapath;

/// <summary>enum peer_kind: what an address outside of this node's pods is.</summary>
public enum PeerKind : uint
{
    /// <summary>A pod of another node.</summary>
    Pod = 1,

    /// <summary>Another node.</summary>
    Node = 2,

    /// <summary>This node.</summary>
    Self = 3,

    /// <summary>Nobody: Services are given their addresses from here.</summary>
    Services = 4,
}

/// <summary>struct peer_key: a prefix of the 128-bit form.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct PeerKey
{
    /// <summary>Bits of the 128-bit form.</summary>
    public uint PrefixLength;

    /// <summary>First address of the prefix.</summary>
    public MapAddress Address;

    internal static StructLayout<PeerKey> Layout =>
        new StructLayout<PeerKey>("peer_key")
            .Field("prefix_length", static (ref PeerKey v) => ref v.PrefixLength)
            .Field("address", static (ref PeerKey v) => ref v.Address);

    /// <summary>The key of a prefix.</summary>
    public static PeerKey From(Prefix prefix) =>
        new() { PrefixLength = (uint)prefix.MappedLength, Address = MapAddress.From(prefix.First) };
}

/// <summary>struct peer.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct PeerValue
{
    /// <summary>The node's underlay address; unset for this node.</summary>
    public MapAddress Node;

    /// <summary>What the prefix is.</summary>
    public PeerKind Kind;

    /// <summary>Index of the device the node is a neighbour on; 0 when it is behind a router.</summary>
    public uint IfIndex;

    /// <summary>What policy sees of the address.</summary>
    public uint Identity;

    internal static StructLayout<PeerValue> Layout =>
        new StructLayout<PeerValue>("peer")
            .Field("node", static (ref PeerValue v) => ref v.Node)
            .Field("kind", static (ref PeerValue v) => ref v.Kind)
            .Field("ifindex", static (ref PeerValue v) => ref v.IfIndex)
            .Field("identity", static (ref PeerValue v) => ref v.Identity);
}
