using System.Runtime.InteropServices;
using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>struct nat_key: a packet as it comes in from the outside in reply to a masqueraded one.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct NatKey
{
    /// <summary>The outside's address.</summary>
    public MapAddress Source;

    /// <summary>The node's address.</summary>
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
