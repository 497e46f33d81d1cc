using System.Runtime.CompilerServices;
using Weft.Net;

namespace Weft.Datapath;

/// <summary>struct addr: 16 bytes in network order, IPv4 as IPv4-mapped.</summary>
[InlineArray(Ip.Size)]
public struct MapAddress : IEquatable<MapAddress>
{
    private byte first;

    /// <summary>The address as maps hold it.</summary>
    public static MapAddress From(Ip ip)
    {
        var address = default(MapAddress);
        ip.Write(address);
        return address;
    }

    /// <summary>The address as a number.</summary>
    public readonly Ip ToIp() => Ip.FromBytes(this);

    /// <inheritdoc/>
    public readonly bool Equals(MapAddress other) => ToIp() == other.ToIp();

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is MapAddress other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => ToIp().GetHashCode();

    /// <summary>True for the same address.</summary>
    public static bool operator ==(MapAddress left, MapAddress right) => left.Equals(right);

    /// <summary>True for different addresses.</summary>
    public static bool operator !=(MapAddress left, MapAddress right) => !left.Equals(right);
}
