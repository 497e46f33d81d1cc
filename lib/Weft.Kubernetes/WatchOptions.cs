namespace Weft.Kubernetes;

/// <summary>What to watch.</summary>
public sealed record WatchOptions
{
    /// <summary>Namespace; null: all of them.</summary>
    public string? Namespace { get; init; }

    /// <summary>Label selector such as "app=web,tier!=db".</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Field selector such as "spec.nodeName=n1".</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Version to go on from: that of a list, or of the last event.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>When the server is to end the watch; null: when it likes.</summary>
    public TimeSpan? Timeout { get; init; }
}
