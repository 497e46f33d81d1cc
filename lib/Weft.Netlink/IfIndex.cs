using System.Globalization;

namespace Weft.Netlink;

/// <summary>The kernel's number of a link; unique within one network namespace only.</summary>
public readonly record struct IfIndex(int Value)
{
    /// <summary>The number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
