using Weft.Net;

namespace Weft.Policy.Rules;

/// <summary>One entry of a rule's <c>ports</c>.</summary>
/// <param name="Protocol">Its protocol; <see cref="Transport.Any"/> only for a rule without <c>ports</c>.</param>
public abstract record PortMatch(Transport Protocol)
{
    /// <summary>A rule without <c>ports</c>: all ports of all protocols.</summary>
    public static PortMatch Everything { get; } = new NumberedPorts(Transport.Any, PortRange.All);
}

/// <summary>A number, a range, or every port of the protocol.</summary>
public sealed record NumberedPorts(Transport Protocol, PortRange Range) : PortMatch(Protocol);

/// <summary>A name that each destination pod resolves for itself, by name and protocol; a destination without it, or
/// without a pod, does not match.</summary>
public sealed record NamedPort(Transport Protocol, string Name) : PortMatch(Protocol);
