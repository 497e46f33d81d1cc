using System.Runtime.InteropServices;
using Weft.Bpf;
using Weft.Net;

namespace Weft.Datapath;

/// <summary>enum service_side: where a Service's address is used from.</summary>
public enum ServiceSide : byte
{
    /// <summary>This node and its pods.</summary>
    Inside = 0,

    /// <summary>Everybody else.</summary>
    Outside = 1,
}

/// <summary>enum service_flag.</summary>
[Flags]
public enum ServiceFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Without a backend there is no answer; else it is refused.</summary>
    Drops = 1 << 0,

    /// <summary>Only for sources in the map service_sources.</summary>
    HasSourceRanges = 1 << 1,

    /// <summary>An address of this node is in those.</summary>
    AdmitsNode = 1 << 2,
}

/// <summary>struct service_key: a Service's address and port, as used from one side.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct ServiceKey
{
    /// <summary>Address.</summary>
    public MapAddress Address;

    /// <summary>Port, network order; 0 with protocol 0 for all that has no entry of its own.</summary>
    public ushort PortNetwork;

    /// <summary>IP protocol.</summary>
    public byte Protocol;

    /// <summary>For whom.</summary>
    public ServiceSide Side;

    internal static StructLayout<ServiceKey> Layout =>
        new StructLayout<ServiceKey>("service_key")
            .Field("address", static (ref ServiceKey v) => ref v.Address)
            .Field("port", static (ref ServiceKey v) => ref v.PortNetwork)
            .Field("protocol", static (ref ServiceKey v) => ref v.Protocol)
            .Field("side", static (ref ServiceKey v) => ref v.Side);

    /// <summary>A key.</summary>
    /// <param name="address">Address.</param>
    /// <param name="port">Port, host order.</param>
    /// <param name="protocol">IP protocol.</param>
    /// <param name="side">For whom.</param>
    public static ServiceKey Of(Ip address, ushort port, byte protocol, ServiceSide side) =>
        new()
        {
            Address = MapAddress.From(address),
            PortNetwork = ConfigValue.ToNetwork(port),
            Protocol = protocol,
            Side = side,
        };
}

/// <summary>struct service: what becomes of new connections to it.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct ServiceValue
{
    /// <summary>Of the Service's port, the same for all its addresses of a family.</summary>
    public uint Number;

    /// <summary>Its list in the map backends.</summary>
    public uint List;

    /// <summary>Slots of the list for new connections.</summary>
    public ushort Count;

    /// <summary>Slots in all: what goes to one of those behind may stay there.</summary>
    public ushort Serving;

    /// <summary>How long a client unheard of keeps its backend, in seconds; 0 without affinity.</summary>
    public uint AffinitySeconds;

    /// <summary>Flags.</summary>
    public ServiceFlags Flags;

    internal static StructLayout<ServiceValue> Layout =>
        new StructLayout<ServiceValue>("service")
            .Field("number", static (ref ServiceValue v) => ref v.Number)
            .Field("list", static (ref ServiceValue v) => ref v.List)
            .Field("count", static (ref ServiceValue v) => ref v.Count)
            .Field("serving", static (ref ServiceValue v) => ref v.Serving)
            .Field("affinity_s", static (ref ServiceValue v) => ref v.AffinitySeconds)
            .Field("flags", static (ref ServiceValue v) => ref v.Flags);
}

/// <summary>struct backend_key: a slot of a list of backends.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct BackendKey(uint List, uint Slot)
{
    /// <summary>Number of the list.</summary>
    public uint List = List;

    /// <summary>From 0 up.</summary>
    public uint Slot = Slot;

    internal static StructLayout<BackendKey> Layout =>
        new StructLayout<BackendKey>("backend_key")
            .Field("list", static (ref BackendKey v) => ref v.List)
            .Field("slot", static (ref BackendKey v) => ref v.Slot);
}

/// <summary>struct backend: an address and port, of an endpoint or of a Service.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct BackendValue
{
    /// <summary>Address.</summary>
    public MapAddress Address;

    /// <summary>Port, network order.</summary>
    public ushort PortNetwork;

    private ushort pad;

    internal static StructLayout<BackendValue> Layout =>
        new StructLayout<BackendValue>("backend")
            .Field("address", static (ref BackendValue v) => ref v.Address)
            .Field("port", static (ref BackendValue v) => ref v.PortNetwork);

    /// <summary>An address and port, the latter in host order.</summary>
    public static BackendValue Of(Ip address, ushort port) =>
        new() { Address = MapAddress.From(address), PortNetwork = ConfigValue.ToNetwork(port) };
}

/// <summary>struct service_source_key: a prefix that a Service's port may be used from.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct ServiceSourceKey
{
    /// <summary>Bits of the number, which come before those of the prefix.</summary>
    public const uint NumberBits = 32;

    /// <summary>Bits of the number and of the 128-bit form.</summary>
    public uint PrefixLength;

    /// <summary>Number of the Service's port.</summary>
    public uint Number;

    /// <summary>First address.</summary>
    public MapAddress Address;

    internal static StructLayout<ServiceSourceKey> Layout =>
        new StructLayout<ServiceSourceKey>("service_source_key")
            .Field("prefix_length", static (ref ServiceSourceKey v) => ref v.PrefixLength)
            .Field("number", static (ref ServiceSourceKey v) => ref v.Number)
            .Field("address", static (ref ServiceSourceKey v) => ref v.Address);

    /// <summary>The key of a Service's prefix.</summary>
    public static ServiceSourceKey Of(uint number, Prefix prefix) =>
        new()
        {
            PrefixLength = NumberBits + (uint)prefix.MappedLength,
            Number = number,
            Address = MapAddress.From(prefix.First),
        };
}

/// <summary>struct node_port: a port of this node that Services have.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct NodePort
{
    /// <summary>Port, network order.</summary>
    public ushort PortNetwork;

    /// <summary>IP protocol.</summary>
    public byte Protocol;

    private byte pad;

    internal static StructLayout<NodePort> Layout =>
        new StructLayout<NodePort>("node_port")
            .Field("port", static (ref NodePort v) => ref v.PortNetwork)
            .Field("protocol", static (ref NodePort v) => ref v.Protocol);

    /// <summary>A port, in host order, of a protocol.</summary>
    public static NodePort Of(ushort port, byte protocol) =>
        new() { PortNetwork = ConfigValue.ToNetwork(port), Protocol = protocol };
}
