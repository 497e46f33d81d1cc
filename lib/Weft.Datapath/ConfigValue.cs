using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>struct config.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ConfigValue
{
    /// <summary>SO_NETNS_COOKIE of the node's own network namespace.</summary>
    public ulong NetnsCookie;

    /// <summary>Index of weft_host.</summary>
    public uint HostIfIndex;

    /// <summary>Index of weft_vxlan; 0 with native routing.</summary>
    public uint OverlayIfIndex;

    /// <summary>First port to masquerade with.</summary>
    public ushort NatPortFirst;

    /// <summary>How many there are.</summary>
    public ushort NatPortCount;

    /// <summary>UDP port of the tunnel, network order.</summary>
    public ushort TunnelPortNetwork;

    /// <summary>MAC of weft_host and of every veth's host end.</summary>
    public MapMac HostMac;

    /// <summary>MAC of weft_vxlan on every node.</summary>
    public MapMac OverlayMac;

    /// <summary>1 when what pods send to the world is masqueraded.</summary>
    public byte Masquerades;

    /// <summary>1 when the nodes of Services' endpoints answer clients outside themselves.</summary>
    public byte DirectReturn;

    internal static StructLayout<ConfigValue> Layout =>
        new StructLayout<ConfigValue>("config")
            .Field("netns_cookie", static (ref ConfigValue v) => ref v.NetnsCookie)
            .Field("host_ifindex", static (ref ConfigValue v) => ref v.HostIfIndex)
            .Field("overlay_ifindex", static (ref ConfigValue v) => ref v.OverlayIfIndex)
            .Field("nat_port_first", static (ref ConfigValue v) => ref v.NatPortFirst)
            .Field("nat_port_count", static (ref ConfigValue v) => ref v.NatPortCount)
            .Field("tunnel_port", static (ref ConfigValue v) => ref v.TunnelPortNetwork)
            .Field("host_mac", static (ref ConfigValue v) => ref v.HostMac)
            .Field("overlay_mac", static (ref ConfigValue v) => ref v.OverlayMac)
            .Field("masquerades", static (ref ConfigValue v) => ref v.Masquerades)
            .Field("direct_return", static (ref ConfigValue v) => ref v.DirectReturn);

    /// <summary>A port in network order, as a number of this host.</summary>
    public static ushort ToNetwork(ushort port) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(port) : port;

    /// <summary>A port of a map, as a number of this host.</summary>
    public static ushort ToHost(ushort network) => ToNetwork(network);
}
