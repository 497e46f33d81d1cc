using System.Runtime.CompilerServices;
using Weft.Net;

namespace Weft.Datapath;

/// <summary>A MAC address in wire order.</summary>
[InlineArray(MacAddress.Size)]
public struct MapMac
{
    private byte first;

    /// <summary>The MAC as maps hold it.</summary>
    public static MapMac From(MacAddress mac)
    {
        var bytes = default(MapMac);
        mac.Write(bytes);
        return bytes;
    }

    /// <summary>The MAC as a number.</summary>
    public readonly MacAddress ToMac() => MacAddress.FromBytes(this);
}
