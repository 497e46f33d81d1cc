using System.Runtime.InteropServices;
using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>struct device: a device to the outside with the addresses to masquerade with; all zero for none.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct DeviceValue
{
    /// <summary>IPv4 address.</summary>
    public MapAddress V4;

    /// <summary>IPv6 address.</summary>
    public MapAddress V6;

    internal static StructLayout<DeviceValue> Layout =>
        new StructLayout<DeviceValue>("device")
            .Field("v4", static (ref DeviceValue v) => ref v.V4)
            .Field("v6", static (ref DeviceValue v) => ref v.V6);
}
