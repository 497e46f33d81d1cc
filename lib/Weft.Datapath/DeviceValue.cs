using System.Runtime.InteropServices;
using Weft.Bpf;
using Weft.Net;

namespace Weft.Datapath;

/// <summary>
/// struct device: a device to the outside with this node's addresses there, or weft_host with those in the pod network;
/// all zero for none.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public record struct DeviceValue
{
    /// <summary>IPv4 address.</summary>
    public MapAddress V4;

    /// <summary>IPv6 address.</summary>
    public MapAddress V6;

    /// <summary>The addresses of a device; null where it has none of the family.</summary>
    public static DeviceValue Of(Ip? v4, Ip? v6) =>
        new()
        {
            V4 = v4 is { } ofV4 ? MapAddress.From(ofV4) : default,
            V6 = v6 is { } ofV6 ? MapAddress.From(ofV6) : default,
        };

    internal static StructLayout<DeviceValue> Layout =>
        new StructLayout<DeviceValue>("device")
            .Field("v4", static (ref DeviceValue v) => ref v.V4)
            .Field("v6", static (ref DeviceValue v) => ref v.V6);
}
