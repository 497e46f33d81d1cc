using System.Globalization;
using Weft.Kubernetes.Objects;

namespace Weft.Policy.Rules;

/// <summary>Where a permission comes from.</summary>
/// <param name="Policy">The NetworkPolicy.</param>
/// <param name="Direction">Its <c>ingress</c> or <c>egress</c> section.</param>
/// <param name="Index">The rule's place in that section, from 0.</param>
public sealed record RuleSource(ObjectKey Policy, Direction Direction, int Index)
{
    /// <summary>"shop/web ingress[0]".</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Policy} {(Direction == Direction.Ingress ? "ingress" : "egress")}[{Index}]"
        );
}

/// <summary>One rule: it allows what any of its peers and any of its ports match.</summary>
public sealed record Rule(RuleSource Source, IReadOnlyList<PeerMatch> Peers, IReadOnlyList<PortMatch> Ports);

/// <summary>A NetworkPolicy as the engine takes it: read once, every default filled in.</summary>
/// <param name="Key">Namespace and name.</param>
/// <param name="PodSelector">The pods of its namespace that it selects.</param>
/// <param name="Ingress">Rules for what comes to them; null when it does not isolate that direction.</param>
/// <param name="Egress">Rules for what leaves them; null likewise.</param>
/// <param name="Problems">What makes no sense in it and so allows nothing, each with its place.</param>
public sealed record PolicyRules(
    ObjectKey Key,
    LabelSelector? PodSelector,
    IReadOnlyList<Rule>? Ingress,
    IReadOnlyList<Rule>? Egress,
    IReadOnlyList<PolicyProblem> Problems
)
{
    /// <summary>Rules of a direction; null when the policy does not isolate it.</summary>
    public IReadOnlyList<Rule>? Of(Direction direction) => direction == Direction.Ingress ? Ingress : Egress;
}
