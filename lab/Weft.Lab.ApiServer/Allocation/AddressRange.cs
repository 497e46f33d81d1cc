using System.Net;
using System.Numerics;
using System.Security.Cryptography;

namespace Weft.Lab.ApiServer.Allocation;

/// <summary>A range that services' addresses are taken from.</summary>
/// <param name="Prefix">The range.</param>
/// <param name="Family">As in `ipFamilies`.</param>
internal sealed record AddressRange(IPNetwork Prefix, string Family)
{
    /// <summary>The first address belongs to the `kubernetes` service.</summary>
    public IPAddress First => At(1);

    public bool Contains(IPAddress address) => Prefix.Contains(address) && !address.Equals(Prefix.BaseAddress);

    /// <summary>A free address, from a random place on; null when there is none.</summary>
    public IPAddress? Free(IReadOnlySet<string> used)
    {
        // Of an IPv6 range no more is used than of an IPv4 one: nobody has more services.
        var size = (int)BigInteger.Min(BigInteger.Pow(2, Bits - Prefix.PrefixLength), 1 << 16) - 2;
        var start = RandomNumberGenerator.GetInt32(size);
        for (var offset = 0; offset < size; offset++)
        {
            var address = At(1 + (start + offset) % size);
            if (!used.Contains(address.ToString()))
            {
                return address;
            }
        }

        return null;
    }

    private int Bits => Prefix.BaseAddress.GetAddressBytes().Length * 8;

    private IPAddress At(int offset)
    {
        var bytes = Prefix.BaseAddress.GetAddressBytes();
        var value = new BigInteger(bytes, isUnsigned: true, isBigEndian: true) + offset;
        var written = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        var result = new byte[bytes.Length];
        written.CopyTo(result, result.Length - written.Length);
        return new(result);
    }
}
