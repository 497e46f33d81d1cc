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

    /// <summary>Nothing happened up to a version.</summary>
    Bookmark,

    /// <summary>The watch is over.</summary>
    Error,
}

/// <summary>One event of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object; null for a bookmark and for an error.</param>
/// <param name="ResourceVersion">The object's, or the bookmark's: where a watch goes on. Null for an error.</param>
/// <param name="Status">Why the watch is over; null otherwise.</param>
public sealed record WatchEvent<T>(WatchEventType Type, T? Object, string? ResourceVersion, Status? Status)
    where T : class, IKubernetesObject;
