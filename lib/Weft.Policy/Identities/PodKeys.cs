namespace Weft.Policy.Identities;

/// <summary>A port name that a policy uses. A name means the ports of its protocol only.</summary>
public readonly record struct PortName(string Name, string Protocol)
{
    /// <summary>"http/TCP".</summary>
    public override string ToString() => $"{Name}/{Protocol}";
}

/// <summary>What policies can tell the pods of one namespace apart by.</summary>
/// <param name="Labels">Keys of pod labels, in ordinal order.</param>
/// <param name="NamespaceLabels">Keys of namespace labels, in ordinal order.</param>
/// <param name="Ports">Names of ports, in order.</param>
public sealed record PodKeys(
    IReadOnlyList<string> Labels,
    IReadOnlyList<string> NamespaceLabels,
    IReadOnlyList<PortName> Ports
)
{
    /// <summary>Nothing: all pods of the namespace are alike.</summary>
    public static PodKeys None { get; } = new([], [], []);

    /// <summary>By value.</summary>
    public bool Equals(PodKeys? other) =>
        other is not null
        && Labels.SequenceEqual(other.Labels)
        && NamespaceLabels.SequenceEqual(other.NamespaceLabels)
        && Ports.SequenceEqual(other.Ports);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Labels.Count, NamespaceLabels.Count, Ports.Count);
}
