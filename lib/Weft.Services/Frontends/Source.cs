namespace Weft.Services.Frontends;

/// <summary>Where a packet comes from, which traffic policies and masquerading go by.</summary>
[Flags]
public enum Source : byte
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>A pod of this node with a network of its own.</summary>
    Pod = 1,

    /// <summary>This node, pods with <c>hostNetwork</c> among it.</summary>
    Node = 2,

    /// <summary>Everywhere else: it came in from outside of this node.</summary>
    External = 4,

    /// <summary>Everywhere.</summary>
    All = Pod | Node | External,
}
