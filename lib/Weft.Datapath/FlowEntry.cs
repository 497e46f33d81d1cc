using System.Runtime.InteropServices;
using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>struct flow_key: a flow seen from the pod, or for the nat map a reply as it comes in.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FlowKey
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

    internal static StructLayout<FlowKey> Layout =>
        new StructLayout<FlowKey>("flow_key")
            .Field("saddr", static (ref FlowKey v) => ref v.Source)
            .Field("daddr", static (ref FlowKey v) => ref v.Destination)
            .Field("sport", static (ref FlowKey v) => ref v.SourcePortNetwork)
            .Field("dport", static (ref FlowKey v) => ref v.DestinationPortNetwork)
            .Field("protocol", static (ref FlowKey v) => ref v.Protocol);
}

/// <summary>enum flow_flag.</summary>
[Flags]
public enum FlowFlags : byte
{
    /// <summary>Nothing known.</summary>
    None = 0,

    /// <summary>Came through the host's stack; replies go back there.</summary>
    ViaHost = 1 << 0,

    /// <summary>Leaves the node under the node's address.</summary>
    Masqueraded = 1 << 1,

    /// <summary>Seen in both directions.</summary>
    Replied = 1 << 2,

    /// <summary>TCP: the pod sent FIN.</summary>
    PodClosed = 1 << 3,

    /// <summary>TCP: the other side sent FIN.</summary>
    OtherClosed = 1 << 4,

    /// <summary>TCP: either side sent RST.</summary>
    Reset = 1 << 5,
}

/// <summary>struct flow.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FlowValue
{
    /// <summary>End of its life by CLOCK_MONOTONIC, in nanoseconds.</summary>
    public ulong ExpiresNs;

    /// <summary>Address it leaves the node with.</summary>
    public MapAddress NatAddress;

    /// <summary>Port it leaves the node with, network order.</summary>
    public ushort NatPortNetwork;

    /// <summary>What is known of it.</summary>
    public FlowFlags Flags;

    private byte pad0;
    private uint pad1;

    internal static StructLayout<FlowValue> Layout =>
        new StructLayout<FlowValue>("flow")
            .Field("expires_ns", static (ref FlowValue v) => ref v.ExpiresNs)
            .Field("nat_address", static (ref FlowValue v) => ref v.NatAddress)
            .Field("nat_port", static (ref FlowValue v) => ref v.NatPortNetwork)
            .Field("flags", static (ref FlowValue v) => ref v.Flags);
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
