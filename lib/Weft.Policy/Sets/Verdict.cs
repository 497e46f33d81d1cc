using Weft.Kubernetes.Objects;
using Weft.Policy.Rules;

namespace Weft.Policy.Sets;

/// <summary>What a pod's policies say to one connection, and why.</summary>
/// <param name="Allowed">Whether they let it through.</param>
/// <param name="By">The rule that allows it; null when it is denied, or allowed because nothing isolates the pod.</param>
/// <param name="IsolatedBy">The policies that isolate the pod in this direction.</param>
public sealed record Verdict(bool Allowed, RuleSource? By, IReadOnlyList<ObjectKey> IsolatedBy)
{
    /// <summary>Nothing isolates the pod in this direction.</summary>
    public static Verdict NotIsolated { get; } = new(true, null, []);
}
