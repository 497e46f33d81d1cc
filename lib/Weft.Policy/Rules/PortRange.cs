using System.Globalization;

namespace Weft.Policy.Rules;

/// <summary>Ports of the destination, both ends included, in host byte order.</summary>
public readonly record struct PortRange(ushort First, ushort Last)
{
    /// <summary>Every port, and protocols without ports.</summary>
    public static PortRange All { get; } = new(0, ushort.MaxValue);

    /// <summary>True when the port is in the range.</summary>
    public bool Contains(ushort port) => port >= First && port <= Last;

    /// <summary>"80", "8000-8080" or "*".</summary>
    public override string ToString() =>
        this == All ? "*"
        : First == Last ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}
