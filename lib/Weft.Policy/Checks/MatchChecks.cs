using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;
using Weft.Policy.Rules;

namespace Weft.Policy.Checks;

/// <summary>What of a NetworkPolicy matches nothing, among the pods and namespaces it is to meet.</summary>
public static class MatchChecks
{
    /// <summary>Checks one policy of <paramref name="ns"/>.</summary>
    public static IEnumerable<Finding> Of(NetworkPolicySpec spec, string ns, Surroundings around) =>
        CanBeTold(spec, around)
            ?
            [
                .. Selection(Selected(spec, ns, around), ns),
                .. RuleSection.Of(spec).SelectMany(rule => Peers(rule, ns, around)),
                .. PortNames(spec, ns, around),
            ]
            : [];

    /// <summary>Port names of its rules that none of the pods they can mean has, where there are such pods.</summary>
    public static IEnumerable<Finding> PortNames(NetworkPolicySpec spec, string ns, Surroundings around) =>
        CanBeTold(spec, around)
            ? RuleSection.Of(spec).SelectMany(rule => PortNames(rule, Selected(spec, ns, around), ns, around))
            : [];

    /// <summary>True when a rule of it names a port.</summary>
    public static bool UsesPortNames(NetworkPolicySpec spec) =>
        RuleSection.Of(spec).Any(rule => rule.Ports.Any(port => port.Port?.Text is not null));

    /// <summary>A selector that cannot be read selects all it could mean: its own finding is enough.</summary>
    private static bool CanBeTold(NetworkPolicySpec spec, Surroundings around) =>
        around.Pods.Count > 0 && Selectors.ProblemOf(spec.PodSelector) is null;

    private static List<SelectablePod> Selected(NetworkPolicySpec spec, string ns, Surroundings around) =>
        [.. around.Pods.Where(pod => pod.Namespace == ns && (spec.PodSelector?.Matches(pod.Labels) ?? true))];

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

    private static IEnumerable<Finding> Peers(RuleSection rule, string ns, Surroundings around)
    {
        foreach (var (i, peer) in rule.Peers.Index())
        {
            if (
                peer.IpBlock is null
                && (peer.PodSelector ?? peer.NamespaceSelector) is not null
                && !around.Pods.Any(pod => Matches(peer, pod, ns, around))
            )
            {
                yield return Warning(rule.PeerPath(i), WhyNobody(peer, ns, around));
            }
        }
    }

    private static IEnumerable<Finding> PortNames(
        RuleSection rule,
        IReadOnlyList<SelectablePod> selected,
        string ns,
        Surroundings around
    )
    {
        // A name is looked up on the destination: the selected pods in ingress, the peers in egress.
        var destinations =
            rule.Direction == Direction.Ingress ? selected
            : rule.Peers.Count == 0 || rule.Peers.Any(peer => peer.IpBlock is not null) ? around.Pods
            : [.. around.Pods.Where(pod => rule.Peers.Any(peer => Matches(peer, pod, ns, around)))];
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
