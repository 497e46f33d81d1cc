using Weft.Kubernetes.Objects;
using Weft.Policy.Sets;

namespace Weft.Agent.Policy;

/// <summary>Policies that do not hold for all pods they select, and why. For one thread at a time.</summary>
internal sealed class PolicyFailures
{
    private readonly Dictionary<PolicySet, string> refused = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ObjectKey, string> byPolicy = [];
    private HashSet<ObjectKey> told = [];

    /// <summary>What there is now, by policy.</summary>
    public IReadOnlyDictionary<ObjectKey, string> ByPolicy => byPolicy;

    /// <summary>Everything is tried anew.</summary>
    public void Clear()
    {
        refused.Clear();
        byPolicy.Clear();
    }

    /// <summary>The set cannot be installed: it is not tried again for every pod that should be under it.</summary>
    public void Refuse(PolicySet set, string problem)
    {
        refused[set] = problem;
        Note(set, problem);
    }

    /// <summary>True when the set was refused since all was tried anew.</summary>
    public bool IsRefused(PolicySet set) => refused.ContainsKey(set);

    /// <summary>The set's policies do not hold in full.</summary>
    public void Note(PolicySet set, string problem)
    {
        foreach (var policy in set.Ingress.IsolatedBy.Concat(set.Egress.IsolatedBy))
        {
            byPolicy[policy] = problem;
        }
    }

    /// <summary>Those that have not been told: each once, and again when it has been in force in between.</summary>
    public IReadOnlyList<(ObjectKey Policy, string Problem)> Untold()
    {
        List<(ObjectKey, string)> untold =
        [
            .. byPolicy.Where(policy => !told.Contains(policy.Key)).Select(policy => (policy.Key, policy.Value)),
        ];
        told = [.. byPolicy.Keys];
        return untold;
    }
}
