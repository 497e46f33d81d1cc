using System.Runtime.InteropServices;
using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>struct nat_key: a packet as it comes in, before its addresses are translated.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NatKey
{
    /// <summary>Source address.</summary>
    public MapAddress Source;

    /// <summary>Destination address.</summary>
    public MapAddress Destination;

    /// <summary>Source port, network order.</summary>
    public ushort SourcePortNetwork;

    /// <summary>Destination port, network order.</summary>
    public ushort DestinationPortNetwork;

    /// <summary>IP protocol.</summary>
    public byte Protocol;

    private byte pad0;
    private ushort pad1;

    internal static StructLayout<NatKey> Layout =>
        new StructLayout<NatKey>("nat_key")
            .Field("saddr", static (ref NatKey v) => ref v.Source)
            .Field("daddr", static (ref NatKey v) => ref v.Destination)
            .Field("sport", static (ref NatKey v) => ref v.SourcePortNetwork)
            .Field("dport", static (ref NatKey v) => ref v.DestinationPortNetwork)
            .Field("protocol", static (ref NatKey v) => ref v.Protocol);
}

/// <summary>struct nat_origin: the pod a reply from the outside is for.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NatOrigin
{
    /// <summary>The pod's address.</summary>
    public MapAddress Address;

    /// <summary>The pod's port, network order.</summary>
    public ushort PortNetwork;

    private ushort pad;

    internal static StructLayout<NatOrigin> Layout =>
        new StructLayout<NatOrigin>("nat_origin")
            .Field("address", static (ref NatOrigin v) => ref v.Address)
            .Field("port", static (ref NatOrigin v) => ref v.PortNetwork);
}

/// <summary>struct translation: what becomes of the packets of one direction of a connection to a Service.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Translation
{
    /// <summary>End of its life by CLOCK_MONOTONIC, in nanoseconds.</summary>
    public ulong ExpiresNs;

    /// <summary>Source address from then on.</summary>
    public MapAddress Source;

    /// <summary>Destination address from then on.</summary>
    public MapAddress Destination;

    /// <summary>Source port, network order.</summary>
    public ushort SourcePortNetwork;

    /// <summary>Destination port, network order.</summary>
    public ushort DestinationPortNetwork;

    /// <summary>The list that the backend was last seen in.</summary>
    public uint List;

    /// <summary>What has been seen, the client being the low end.</summary>
    public FlowFlags Flags;

    /// <summary>1 for the backend's packets.</summary>
    public byte Reply;

    /// <summary>1 when nothing is changed here: the backend's node translates.</summary>
    public byte HandedOver;

    private byte pad0;
    private uint pad1;

    internal static StructLayout<Translation> Layout =>
        new StructLayout<Translation>("translation")
            .Field("expires_ns", static (ref Translation v) => ref v.ExpiresNs)
            .Field("saddr", static (ref Translation v) => ref v.Source)
            .Field("daddr", static (ref Translation v) => ref v.Destination)
            .Field("sport", static (ref Translation v) => ref v.SourcePortNetwork)
            .Field("dport", static (ref Translation v) => ref v.DestinationPortNetwork)
            .Field("list", static (ref Translation v) => ref v.List)
            .Field("flags", static (ref Translation v) => ref v.Flags)
            .Field("reply", static (ref Translation v) => ref v.Reply)
            .Field("handed_over", static (ref Translation v) => ref v.HandedOver);
}
