namespace Weft.Netlink;

/// <summary>Why a network namespace cannot be used.</summary>
public enum NamespaceErrorKind
{
    /// <summary>Nothing is at the path.</summary>
    NotFound,

    /// <summary>What is there is not a network namespace: an ordinary file, or a namespace of another kind.</summary>
    NotANamespace,

    /// <summary>This process may not open or enter it.</summary>
    AccessDenied,

    /// <summary>The kernel refused for another reason, which the message names.</summary>
    Refused,
}

/// <summary>A network namespace that cannot be used; the message says what to change.</summary>
public sealed class NamespaceException : Exception
{
    internal NamespaceException(NamespaceErrorKind kind, string message)
        : base(message) => Kind = kind;

    /// <summary>Why.</summary>
    public NamespaceErrorKind Kind { get; }
}
