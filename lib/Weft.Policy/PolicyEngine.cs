using System.Runtime.InteropServices;
using Weft.Kubernetes.Objects;
using Weft.Policy.Peers;
using Weft.Policy.Rules;
using Weft.Policy.Sets;

namespace Weft.Policy;

/// <summary>
/// Kubernetes NetworkPolicy over identities: policies and identities in, compiled sets out. It holds no pod, reads no
/// clock and does no I/O, and is for one thread. The cost of a new identity is one comparison with each distinct peer;
/// a pod of a known identity costs nothing.
/// </summary>
public sealed class PolicyEngine
{
    private readonly PeerGroups groups = new();
    private readonly Dictionary<uint, PolicyIdentity> identities = [];
    private readonly Dictionary<string, SortedDictionary<string, CompiledPolicy>> policies = [];
    private readonly Dictionary<string, CompiledSets> sets = [];

    /// <summary>All identities.</summary>
    public IReadOnlyCollection<PolicyIdentity> Identities => identities.Values;

    /// <summary>Distinct peers in all rules.</summary>
    public int PeerGroupCount => groups.Count;

    /// <summary>The prefixes that rules name.</summary>
    public IEnumerable<PeerGroup> Blocks => groups.Blocks;

    /// <summary>Takes in a policy, in place of what was known under its name.</summary>
    public void Set(PolicyRules rules)
    {
        // The new one first: a peer that both name keeps its group.
        var compiled = new CompiledPolicy(rules, Compile(rules.Ingress), Compile(rules.Egress));
        Remove(rules.Key);
        ref var ofNamespace = ref CollectionsMarshal.GetValueRefOrAddDefault(
            policies,
            rules.Key.Namespace ?? "",
            out _
        );
        ofNamespace ??= new SortedDictionary<string, CompiledPolicy>(StringComparer.Ordinal);
        ofNamespace.Add(rules.Key.Name, compiled);
        sets.Remove(rules.Key.Namespace ?? "");
    }

    /// <summary>Forgets a policy; false when there is none of this name.</summary>
    public bool Remove(ObjectKey policy)
    {
        if (
            !policies.TryGetValue(policy.Namespace ?? "", out var ofNamespace)
            || !ofNamespace.Remove(policy.Name, out var old)
        )
        {
            return false;
        }

        foreach (var rule in old.Rules)
        {
            groups.Release(rule.Peers);
        }

        sets.Remove(policy.Namespace ?? "");
        return true;
    }

    /// <summary>Takes in an identity, in place of what was known under its number.</summary>
    /// <returns>The peers it came into or left.</returns>
    public IReadOnlyList<PeerGroup> Set(PolicyIdentity identity)
    {
        ForgetSetOf(identity.Id);
        identities[identity.Id] = identity;
        return groups.Follow(identity);
    }

    /// <summary>Forgets an identity.</summary>
    /// <returns>The peers it left.</returns>
    public IReadOnlyList<PeerGroup> Remove(uint identity)
    {
        ForgetSetOf(identity);
        return identities.Remove(identity) ? groups.Forget(identity) : [];
    }

    /// <summary>The identity of this number, if there is one.</summary>
    public PolicyIdentity? Find(uint identity) => identities.GetValueOrDefault(identity);

    /// <summary>The set of an identity's pods, the same object for all who share it until policies of its namespace change.</summary>
    public PolicySet SetOf(PolicyIdentity identity)
    {
        var compiled = SetsOf(identity.Namespace);
        if (compiled.ByIdentity.TryGetValue(identity.Id, out var known) && ReferenceEquals(known.Identity, identity))
        {
            return known.Set;
        }

        var selecting = Selecting(identity);
        var key = KeyOf(identity, selecting);
        if (!compiled.ByKey.TryGetValue(key, out var set))
        {
            compiled.ByKey[key] = set = new PolicySet(
                key,
                SideOf(Direction.Ingress, identity, selecting),
                SideOf(Direction.Egress, identity, selecting)
            );
        }

        compiled.ByIdentity[identity.Id] = (identity, set);
        return set;
    }

    /// <summary>
    /// The set of pods whose labels are not known: any policy of their namespace may select them, and none is known to
    /// allow them anything.
    /// </summary>
    public PolicySet SetOfUnidentified(string ns)
    {
        var compiled = SetsOf(ns);
        return compiled.OfUnidentified ??= new PolicySet(
            $"unidentified {ns}",
            Closed(Direction.Ingress),
            Closed(Direction.Egress)
        );

        SetDirection Closed(Direction direction) =>
            new(
                policies.TryGetValue(ns, out var own)
                    ?
                    [
                        .. own
                            .Values.Where(policy => policy.Of(direction) is not null)
                            .Select(policy => policy.Source.Key),
                    ]
                    : [],
                []
            );
    }

    private CompiledSets SetsOf(string ns)
    {
        ref var compiled = ref CollectionsMarshal.GetValueRefOrAddDefault(sets, ns, out _);
        return compiled ??= new CompiledSets();
    }

    private void ForgetSetOf(uint identity)
    {
        if (identities.TryGetValue(identity, out var old) && sets.TryGetValue(old.Namespace, out var compiled))
        {
            compiled.ByIdentity.Remove(identity);
        }
    }

    private List<CompiledPolicy> Selecting(PolicyIdentity identity) =>
        policies.TryGetValue(identity.Namespace, out var own)
            ? [.. own.Values.Where(policy => policy.Source.PodSelector?.Matches(identity.Labels) ?? true)]
            : [];

    /// <summary>Identities share a set when the same policies select them and resolve the same names to the same numbers.</summary>
    private static string KeyOf(PolicyIdentity identity, List<CompiledPolicy> selecting)
    {
        if (selecting.Count == 0)
        {
            return "";
        }

        var names = selecting
            .SelectMany(policy => policy.Ingress ?? [])
            .Select(rule => rule.Ports)
            .OfType<NamedPort>()
            .Distinct()
            .OrderBy(port => port.Name, StringComparer.Ordinal)
            .ThenBy(port => port.Protocol)
            .Select(port => $"{port.Name}/{port.Protocol}={string.Join('+', identity.Resolve(port).Order())}");
        return $"{string.Join(' ', selecting.Select(policy => policy.Source.Key))} {string.Join(' ', names)}";
    }

    private static SetDirection SideOf(Direction direction, PolicyIdentity identity, List<CompiledPolicy> selecting)
    {
        var isolating = selecting.Where(policy => policy.Of(direction) is not null).ToList();
        var rules = isolating.SelectMany(policy => policy.Of(direction)!);
        return new SetDirection(
            [.. isolating.Select(policy => policy.Source.Key)],
            [.. direction == Direction.Ingress ? rules.SelectMany(rule => Resolve(rule, identity)) : rules]
        );
    }

    /// <summary>In ingress the destination is the selected pod: its own ports are behind the names.</summary>
    private static IEnumerable<SetRule> Resolve(SetRule rule, PolicyIdentity identity) =>
        rule.Ports is NamedPort named
            ? identity
                .Resolve(named)
                .Distinct()
                .Select(number =>
                    rule with
                    {
                        Ports = new NumberedPorts(named.Protocol, new PortRange(number, number)),
                    }
                )
            : [rule];

    private List<SetRule>? Compile(IReadOnlyList<Rule>? rules) =>
        rules
            ?.SelectMany(rule =>
                rule.Peers.SelectMany(peer =>
                    rule.Ports.Select(port => new SetRule(rule.Source, groups.Take(peer, identities.Values), port))
                )
            )
            .ToList();

    /// <summary>Sets of one namespace.</summary>
    private sealed class CompiledSets
    {
        public Dictionary<string, PolicySet> ByKey { get; } = [];

        public Dictionary<uint, (PolicyIdentity Identity, PolicySet Set)> ByIdentity { get; } = [];

        public PolicySet? OfUnidentified { get; set; }
    }

    private sealed record CompiledPolicy(PolicyRules Source, List<SetRule>? Ingress, List<SetRule>? Egress)
    {
        public IEnumerable<SetRule> Rules => (Ingress ?? []).Concat(Egress ?? []);

        public List<SetRule>? Of(Direction direction) => direction == Direction.Ingress ? Ingress : Egress;
    }
}
