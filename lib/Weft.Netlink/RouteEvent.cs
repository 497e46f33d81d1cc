namespace Weft.Netlink;

/// <summary>Something that <see cref="RouteMonitor"/> saw.</summary>
public abstract record RouteEvent;

/// <summary>A link was made or changed; this is how it is now.</summary>
public sealed record LinkChanged(Link Link) : RouteEvent;

/// <summary>A link was removed, or moved to another namespace.</summary>
public sealed record LinkRemoved(IfIndex Index, string Name) : RouteEvent;

/// <summary>An address was added or changed.</summary>
public sealed record AddressAdded(InterfaceAddress Address) : RouteEvent;

/// <summary>An address was removed.</summary>
public sealed record AddressRemoved(InterfaceAddress Address) : RouteEvent;

/// <summary>A route was added or replaced.</summary>
public sealed record RouteAdded(Route Route) : RouteEvent;

/// <summary>
/// A route was removed. The kernel says nothing of IPv4 routes that go because their link goes down or away.
/// </summary>
public sealed record RouteRemoved(Route Route) : RouteEvent;

/// <summary>Events were lost because they came faster than they were read: list everything anew.</summary>
public sealed record Overrun : RouteEvent;
