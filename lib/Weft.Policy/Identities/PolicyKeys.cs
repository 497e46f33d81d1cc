using Weft.Kubernetes.Objects;

namespace Weft.Policy.Identities;

/// <summary>
/// What all network policies together can tell pods apart by: the keys their selectors name and the port names their
/// rules use, each where it can matter. A selector without a namespaceSelector sees pods of the policy's own namespace
/// only, so its keys split no other namespace's pods.
/// </summary>
public sealed class PolicyKeys
{
    // Set by the API server on every namespace (KEP-2161): an identity's namespace implies it.
    private const string NamespaceName = "kubernetes.io/metadata.name";

    private static readonly Keys none = new();

    private readonly Keys everywhere = new();
    private readonly Dictionary<string, Keys> ownNamespace = [];
    private readonly SortedSet<string> namespaceLabels = new(StringComparer.Ordinal);

    private PolicyKeys() { }

    /// <summary>Reads all policies; their order does not matter.</summary>
    public static PolicyKeys Of(IEnumerable<NetworkPolicy> policies)
    {
        var keys = new PolicyKeys();
        foreach (var policy in policies)
        {
            keys.Add(policy);
        }

        return keys;
    }

    /// <summary>Namespaces that have keys of their own.</summary>
    public IReadOnlyCollection<string> Namespaces => ownNamespace.Keys;

    /// <summary>What pods of this namespace can be told apart by.</summary>
    public PodKeys For(string ns)
    {
        var own = ownNamespace.GetValueOrDefault(ns) ?? none;
        return new PodKeys(
            [.. everywhere.Labels.Union(own.Labels).Order(StringComparer.Ordinal)],
            [.. namespaceLabels],
            [.. everywhere.Ports.Union(own.Ports).Order(Keys.PortOrder)]
        );
    }

    private void Add(NetworkPolicy policy)
    {
        if (policy.Spec is not { } spec)
        {
            return;
        }

        var ns = policy.Metadata.Namespace ?? "";
        if (!ownNamespace.TryGetValue(ns, out var own))
        {
            ownNamespace[ns] = own = new Keys();
        }

        own.Labels.UnionWith(SelectorKeys.Of(spec.PodSelector));
        foreach (var rule in spec.Ingress ?? [])
        {
            AddPeers(rule.From, own);
            // In ingress a name is resolved on the selected pods, which are of the policy's namespace.
            own.AddNames(rule.Ports);
        }

        foreach (var rule in spec.Egress ?? [])
        {
            AddPeers(rule.To, own);
            // In egress it is resolved on the destination: any pod, unless every peer is of the policy's namespace.
            var ownOnly = rule.To is { Count: > 0 } peers && peers.All(IsOfOwnNamespace);
            (ownOnly ? own : everywhere).AddNames(rule.Ports);
        }
    }

    private void AddPeers(IReadOnlyList<NetworkPolicyPeer>? peers, Keys own)
    {
        foreach (var peer in peers ?? [])
        {
            namespaceLabels.UnionWith(SelectorKeys.Of(peer.NamespaceSelector).Where(key => key != NamespaceName));
            (IsOfOwnNamespace(peer) ? own : everywhere).Labels.UnionWith(SelectorKeys.Of(peer.PodSelector));
        }
    }

    private static bool IsOfOwnNamespace(NetworkPolicyPeer peer) =>
        peer.NamespaceSelector is null && peer.IpBlock is null;

    /// <summary>Keys of one scope.</summary>
    private sealed class Keys
    {
        public static readonly Comparer<PortName> PortOrder = Comparer<PortName>.Create(
            (a, b) =>
                string.CompareOrdinal(a.Name, b.Name) is var order and not 0
                    ? order
                    : string.CompareOrdinal(a.Protocol, b.Protocol)
        );

        public SortedSet<string> Labels { get; } = new(StringComparer.Ordinal);

        public SortedSet<PortName> Ports { get; } = new(PortOrder);

        public void AddNames(IReadOnlyList<NetworkPolicyPort>? ports) =>
            Ports.UnionWith(
                (ports ?? [])
                    .Where(port => port.Port?.Text is not null)
                    .Select(port => new PortName(port.Port!.Value.Text!, port.Protocol ?? "TCP"))
            );
    }
}
