using Weft.Kubernetes.Objects;
using Weft.Policy.Rules;

namespace Weft.Policy.Explanations;

/// <summary>How the policies of one end judge a connection.</summary>
public enum SideOutcome
{
    /// <summary>The end is no pod that policies can select.</summary>
    NoPod,

    /// <summary>No policy isolates the pod in this direction.</summary>
    NotIsolated,

    /// <summary>A pod's own node always reaches it.</summary>
    OwnNode,

    /// <summary>A pod always reaches itself.</summary>
    Itself,

    /// <summary>A rule allows it.</summary>
    Allowed,

    /// <summary>The pod is isolated, and no rule allows it.</summary>
    Denied,
}

/// <summary>What the policies of one end say to a connection, and why.</summary>
/// <param name="Direction">Egress for the end that opens it, ingress for the other.</param>
/// <param name="Outcome">How they judge it.</param>
/// <param name="Rule">The rule that allows it, or null.</param>
/// <param name="IsolatedBy">The policies that isolate the pod in this direction.</param>
/// <param name="Audited">What is denied is let through.</param>
public sealed record SideVerdict(
    Direction Direction,
    SideOutcome Outcome,
    RuleSource? Rule,
    IReadOnlyList<ObjectKey> IsolatedBy,
    bool Audited
)
{
    /// <summary>Whether packets pass this side.</summary>
    public bool Passes => Outcome != SideOutcome.Denied || Audited;
}
