using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;
using Weft.Policy.Rules;

namespace Weft.Policy.Checks;

/// <summary>What of a NetworkPolicy matches nothing, among the pods and namespaces it is to meet.</summary>
public static class MatchChecks
{
    /// <summary>Checks one policy of <paramref name="ns"/>.</summary>
    public static IEnumerable<Finding> Of(NetworkPolicySpec spec, string ns, Surroundings around)
    {
        // A selector that cannot be read selects all it could mean: its own finding is enough.
        if (around.Pods.Count == 0 || Selectors.ProblemOf(spec.PodSelector) is not null)
        {
            return [];
        }

        var selected = around
            .Pods.Where(pod => pod.Namespace == ns && (spec.PodSelector?.Matches(pod.Labels) ?? true))
            .ToList();
        return Selection(selected, ns)
            .Concat(RuleSection.Of(spec).SelectMany(rule => Rule(rule, selected, ns, around)));
    }

    private static IEnumerable<Finding> Selection(List<SelectablePod> selected, string ns)
    {
        if (selected.Count == 0)
        {
            yield return Warning("spec.podSelector", $"selects no pod of namespace {ns}; compare it with their labels");
        }

        foreach (var pod in selected.Where(pod => pod.HostNetwork))
        {
            yield return Warning(
                "spec.podSelector",
                $"selects {pod.Name}, which is on its node's network: no policy has an effect on it"
            );
        }
    }

    private static IEnumerable<Finding> Rule(
        RuleSection rule,
        List<SelectablePod> selected,
        string ns,
        Surroundings around
    )
    {
        var peers = rule
            .Peers.Select(peer => around.Pods.Where(pod => Matches(peer, pod, ns, around)).ToList())
            .ToList();
        foreach (var (i, peer) in rule.Peers.Index())
        {
            if (peer.IpBlock is null && (peer.PodSelector ?? peer.NamespaceSelector) is not null && peers[i].Count == 0)
            {
                yield return Warning(rule.PeerPath(i), WhyNobody(peer, ns, around));
            }
        }

        // A name is looked up on the destination: the selected pods in ingress, the peers in egress.
        var destinations =
            rule.Direction == Direction.Ingress ? selected
            : rule.Peers.Count == 0 || rule.Peers.Any(peer => peer.IpBlock is not null) ? around.Pods
            : [.. peers.SelectMany(pods => pods)];
        foreach (var (i, port) in rule.Ports.Index())
        {
            if (
                destinations.Count > 0
                && port.Port?.Text is { } name
                && !destinations.Any(pod => pod.Ports.Contains(new PortName(name, port.Protocol ?? "TCP")))
            )
            {
                yield return Warning(
                    $"{rule.PortPath(i)}.port",
                    $"no pod it can mean has a port named {name} over {port.Protocol ?? "TCP"}; their ports are {Names(destinations)}"
                );
            }
        }
    }

    private static bool Matches(NetworkPolicyPeer peer, SelectablePod pod, string ns, Surroundings around) =>
        peer.IpBlock is null
        && !pod.HostNetwork
        && (peer.NamespaceSelector is { } namespaces ? around.MayMatch(namespaces, pod.Namespace) : pod.Namespace == ns)
        && (peer.PodSelector?.Matches(pod.Labels) ?? true);

    private static string WhyNobody(NetworkPolicyPeer peer, string ns, Surroundings around)
    {
        var namespaces = around.Pods.Select(pod => pod.Namespace).Concat(around.Namespaces.Keys).Distinct();
        return peer.NamespaceSelector is null
                ? $"matches no pod of namespace {ns}; without a namespaceSelector it means no other namespace"
            : namespaces.Any(name => around.MayMatch(peer.NamespaceSelector, name))
                ? "matches no pod; compare the podSelector with the labels of the pods in the namespaces it means"
            : "matches no namespace; compare the namespaceSelector with the namespaces' labels";
    }

    private static string Names(IReadOnlyCollection<SelectablePod> pods) =>
        pods.SelectMany(pod => pod.Ports).Distinct().Order(PortOrder).Select(port => $"{port.Name}/{port.Protocol}")
            is var names
        && names.Any()
            ? string.Join(", ", names)
            : "without names";

    private static Comparer<PortName> PortOrder { get; } =
        Comparer<PortName>.Create((a, b) => string.CompareOrdinal($"{a.Name}/{a.Protocol}", $"{b.Name}/{b.Protocol}"));

    private static Finding Warning(string path, string message) => new(Severity.Warning, path, message);
}
