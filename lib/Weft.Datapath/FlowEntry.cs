using System.Runtime.InteropServices;
using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>struct flow_key: a flow, one for both directions.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FlowKey
{
    /// <summary>The end with the lower address, or port where the addresses are equal, as bytes in network order.</summary>
    public MapAddress Low;

    /// <summary>The other end.</summary>
    public MapAddress High;

    /// <summary>Port of the low end, network order.</summary>
    public ushort LowPortNetwork;

    /// <summary>Port of the high end, network order.</summary>
    public ushort HighPortNetwork;

    /// <summary>IP protocol.</summary>
    public byte Protocol;

    private byte pad0;
    private ushort pad1;

    internal static StructLayout<FlowKey> Layout =>
        new StructLayout<FlowKey>("flow_key")
            .Field("low", static (ref FlowKey v) => ref v.Low)
            .Field("high", static (ref FlowKey v) => ref v.High)
            .Field("low_port", static (ref FlowKey v) => ref v.LowPortNetwork)
            .Field("high_port", static (ref FlowKey v) => ref v.HighPortNetwork)
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

    /// <summary>TCP: the low end sent FIN.</summary>
    LowClosed = 1 << 3,

    /// <summary>TCP: the high end sent FIN.</summary>
    HighClosed = 1 << 4,

    /// <summary>TCP: either end sent RST.</summary>
    Reset = 1 << 5,

    /// <summary>The high end opened it.</summary>
    HighBegan = 1 << 6,

    /// <summary>Its opener knows the other end as a Service.</summary>
    Translated = 1 << 7,
}

/// <summary>struct flow: what policies have allowed.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FlowValue
{
    /// <summary>End of its life by CLOCK_MONOTONIC, in nanoseconds.</summary>
    public ulong ExpiresNs;

    /// <summary>Address it leaves the node with.</summary>
    public MapAddress NatAddress;

    /// <summary>As of which policies it is allowed.</summary>
    public uint Epoch;

    /// <summary>Port it leaves the node with, network order.</summary>
    public ushort NatPortNetwork;

    /// <summary>What is known of it.</summary>
    public FlowFlags Flags;

    private byte pad;

    internal static StructLayout<FlowValue> Layout =>
        new StructLayout<FlowValue>("flow")
            .Field("expires_ns", static (ref FlowValue v) => ref v.ExpiresNs)
            .Field("nat_address", static (ref FlowValue v) => ref v.NatAddress)
            .Field("epoch", static (ref FlowValue v) => ref v.Epoch)
            .Field("nat_port", static (ref FlowValue v) => ref v.NatPortNetwork)
            .Field("flags", static (ref FlowValue v) => ref v.Flags);
}
