using System.Runtime.InteropServices;
using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>struct endpoint: a pod of this node, by each of its addresses.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct EndpointValue
{
    /// <summary>Index of the veth's host end.</summary>
    public uint IfIndex;

    /// <summary>MAC of the pod's end.</summary>
    public MapMac Mac;

    private ushort pad;

    /// <summary>What policy sees of the pod.</summary>
    public uint Identity;

    /// <summary>What its policies allow.</summary>
    public PolicyWords Policy;

    internal static StructLayout<EndpointValue> Layout =>
        new StructLayout<EndpointValue>("endpoint")
            .Field("ifindex", static (ref EndpointValue v) => ref v.IfIndex)
            .Field("mac", static (ref EndpointValue v) => ref v.Mac)
            .Field("identity", static (ref EndpointValue v) => ref v.Identity)
            .Field("policy", static (ref EndpointValue v) => ref v.Policy);
}
