using System.Runtime.InteropServices;
using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>struct denial_key: what a pod's policies have denied.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct DenialKey
{
    /// <summary>The pod.</summary>
    public MapAddress Pod;

    /// <summary>The other side.</summary>
    public MapAddress Peer;

    /// <summary>Port of the connection's destination, network order.</summary>
    public ushort PortNetwork;

    /// <summary>IP protocol.</summary>
    public byte Protocol;

    /// <summary>Which side of the pod.</summary>
    public PolicyDirection Direction;

    internal static StructLayout<DenialKey> Layout =>
        new StructLayout<DenialKey>("denial_key")
            .Field("pod", static (ref DenialKey v) => ref v.Pod)
            .Field("peer", static (ref DenialKey v) => ref v.Peer)
            .Field("port", static (ref DenialKey v) => ref v.PortNetwork)
            .Field("protocol", static (ref DenialKey v) => ref v.Protocol)
            .Field("direction", static (ref DenialKey v) => ref v.Direction);
}

/// <summary>struct denial.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct DenialValue
{
    /// <summary>How many packets.</summary>
    public ulong Packets;

    /// <summary>The last of them, by CLOCK_MONOTONIC, in nanoseconds.</summary>
    public ulong LastNs;

    /// <summary>The pod's policy: by which set, and whether the packets were let through for audit.</summary>
    public PolicyWord Policy;

    /// <summary>The other side's identity.</summary>
    public uint Identity;

    internal static StructLayout<DenialValue> Layout =>
        new StructLayout<DenialValue>("denial")
            .Field("packets", static (ref DenialValue v) => ref v.Packets)
            .Field("last_ns", static (ref DenialValue v) => ref v.LastNs)
            .Field("policy", static (ref DenialValue v) => ref v.Policy)
            .Field("identity", static (ref DenialValue v) => ref v.Identity);
}
