using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes;

/// <summary>What an event of a watch says.</summary>
public enum WatchEventType
{
    /// <summary>The object is there now, or fits the selectors now.</summary>
    Added,

    /// <summary>The object changed.</summary>
    Modified,

    /// <summary>The object is gone, or does not fit the selectors any more.</summary>
    Deleted,

    /// <summary>Nothing happened up to this version.</summary>
    Bookmark,

    /// <summary>The watch is over.</summary>
    Error,
}

/// <summary>One event of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object; null for an error, and for a bookmark, whose object has nothing but a version.</param>
/// <param name="Status">Why the watch is over; null otherwise.</param>
/// <param name="ResourceVersion">A watch from here goes on after this event; null for an error.</param>
public sealed record WatchEvent<T>(WatchEventType Type, T? Object, Status? Status, string? ResourceVersion)
    where T : class, IKubernetesObject;
