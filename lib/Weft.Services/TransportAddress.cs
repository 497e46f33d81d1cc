using System.Globalization;
using Weft.Net;

namespace Weft.Services;

/// <summary>
/// Where packets go: of a frontend what they are looked up by, of a backend what makes two endpoints the same one,
/// whichever Services they are of.
/// </summary>
/// <param name="Address">Address.</param>
/// <param name="Port">Port; 0 in <see cref="Rest"/>.</param>
/// <param name="Protocol">Protocol; Any in <see cref="Rest"/>.</param>
public readonly record struct TransportAddress(Ip Address, ushort Port, Transport Protocol)
    : IComparable<TransportAddress>
{
    /// <summary>True for what <see cref="Rest"/> makes.</summary>
    public bool IsRest => Protocol == Transport.Any;

    /// <summary>Stands for all ports and protocols of an address that have no entry of their own.</summary>
    public static TransportAddress Rest(Ip address) => new(address, 0, Transport.Any);

    /// <inheritdoc />
    public int CompareTo(TransportAddress other)
    {
        var byAddress = Address.CompareTo(other.Address);
        return byAddress != 0 ? byAddress
            : Port != other.Port ? Port.CompareTo(other.Port)
            : Protocol.CompareTo(other.Protocol);
    }

    /// <summary>"address:port/PROTOCOL".</summary>
    public override string ToString() =>
        IsRest
            ? $"other ports of {Address}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{(Address.IsV4 ? $"{Address}" : $"[{Address}]")}:{Port}/{Protocol.ToString().ToUpperInvariant()}"
            );
}
