using System.Runtime.InteropServices;
using Weft.Bpf;
using Weft.Net;

namespace Weft.Datapath;

/// <summary>enum direction.</summary>
public enum PolicyDirection : byte
{
    /// <summary>To the pod.</summary>
    Ingress = 0,

    /// <summary>From the pod.</summary>
    Egress = 1,
}

/// <summary>struct policy_key: something that a policy set allows.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct PolicyKey
{
    /// <summary>The peer of entries for everybody.</summary>
    public const uint AnyPeer = 0;

    private const uint AllBits = 96;
    private const uint ProtocolBits = 8;
    private const uint PortBits = 16;

    /// <summary>Bits of the fields that follow.</summary>
    public uint PrefixLength;

    /// <summary>Number of the set.</summary>
    public uint Set;

    /// <summary>An identity, a block of the set, or <see cref="AnyPeer"/>.</summary>
    public uint Peer;

    /// <summary>Which side of the pod.</summary>
    public PolicyDirection Direction;

    /// <summary>IP protocol.</summary>
    public byte Protocol;

    /// <summary>First port, network order.</summary>
    public ushort PortNetwork;

    internal static StructLayout<PolicyKey> Layout =>
        new StructLayout<PolicyKey>("policy_key")
            .Field("prefix_length", static (ref PolicyKey v) => ref v.PrefixLength)
            .Field("set", static (ref PolicyKey v) => ref v.Set)
            .Field("peer", static (ref PolicyKey v) => ref v.Peer)
            .Field("direction", static (ref PolicyKey v) => ref v.Direction)
            .Field("protocol", static (ref PolicyKey v) => ref v.Protocol)
            .Field("port", static (ref PolicyKey v) => ref v.PortNetwork);

    /// <summary>The key of an entry.</summary>
    /// <param name="set">Number of the set.</param>
    /// <param name="direction">Which side of the pod.</param>
    /// <param name="peer">An identity, a block of the set, or <see cref="AnyPeer"/>.</param>
    /// <param name="protocol">IP protocol; 0 for all of them, with and without ports.</param>
    /// <param name="port">First of the destination's ports, in host order.</param>
    /// <param name="portLength">How many leading bits the ports share: 16 for one, 0 for all.</param>
    public static PolicyKey Of(
        uint set,
        PolicyDirection direction,
        uint peer,
        byte protocol,
        ushort port,
        int portLength
    ) =>
        new()
        {
            PrefixLength = AllBits - PortBits + (uint)portLength - (protocol == 0 ? ProtocolBits : 0),
            Set = set,
            Peer = peer,
            Direction = direction,
            Protocol = protocol,
            PortNetwork = ConfigValue.ToNetwork(port),
        };
}

/// <summary>struct policy_entry.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct PolicyValue
{
    /// <summary>Which of the set's rules allows it.</summary>
    public uint Rule;

    internal static StructLayout<PolicyValue> Layout =>
        new StructLayout<PolicyValue>("policy_entry").Field("rule", static (ref PolicyValue v) => ref v.Rule);
}

/// <summary>struct policy_block_key: a prefix that a policy set names.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct PolicyBlockKey
{
    /// <summary>Bits of the set, which come before those of the prefix.</summary>
    public const uint SetBits = 32;

    /// <summary>Bits of the set and of the 128-bit form.</summary>
    public uint PrefixLength;

    /// <summary>Number of the set.</summary>
    public uint Set;

    /// <summary>First address.</summary>
    public MapAddress Address;

    internal static StructLayout<PolicyBlockKey> Layout =>
        new StructLayout<PolicyBlockKey>("policy_block_key")
            .Field("prefix_length", static (ref PolicyBlockKey v) => ref v.PrefixLength)
            .Field("set", static (ref PolicyBlockKey v) => ref v.Set)
            .Field("address", static (ref PolicyBlockKey v) => ref v.Address);

    /// <summary>The key of a set's prefix.</summary>
    public static PolicyBlockKey Of(uint set, Prefix prefix) =>
        new()
        {
            PrefixLength = SetBits + (uint)prefix.MappedLength,
            Set = set,
            Address = MapAddress.From(prefix.First),
        };
}

/// <summary>struct policy_block.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct PolicyBlock
{
    /// <summary>What stands for the prefix as a peer: above all identities.</summary>
    public uint Peer;

    internal static StructLayout<PolicyBlock> Layout =>
        new StructLayout<PolicyBlock>("policy_block").Field("peer", static (ref PolicyBlock v) => ref v.Peer);
}
