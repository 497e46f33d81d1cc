using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy.Peers;

namespace Weft.Tests.Unit.Policy;

/// <summary>A pod as the naive evaluator sees it.</summary>
internal sealed record NaivePod(
    string Namespace,
    string Name,
    Dictionary<string, string> Labels,
    IReadOnlyList<Ip> Addresses,
    IReadOnlyList<(string? Name, string Protocol, int Port)> Ports
)
{
    /// <summary>The pod as the engine sees it, with an identity of its own.</summary>
    public PolicyIdentity Identity(uint number, Dictionary<string, Dictionary<string, string>> namespaces) =>
        new(
            number,
            Namespace,
            Labels,
            namespaces[Namespace],
            [
                .. Ports
                    .Where(port => port.Name is not null)
                    .Select(port => new PodPort(port.Name!, Transports.Parse(port.Protocol)!.Value, (ushort)port.Port)),
            ]
        );
}

/// <summary>
/// NetworkPolicy judged straight from the words of its API documentation, for each connection anew: slow, without
/// identities, groups or sets, so that a mistake of the engine is unlikely to be one of its own.
/// </summary>
internal static class NaiveEvaluator
{
    public static bool IngressAllows(
        IEnumerable<NetworkPolicy> policies,
        Dictionary<string, Dictionary<string, string>> namespaces,
        NaivePod? from,
        Ip source,
        NaivePod to,
        string protocol,
        int port
    )
    {
        var isolating = policies.Where(p => Selects(p, to) && Types(p).Contains("Ingress")).ToList();
        return isolating.Count == 0
            || isolating.Any(policy =>
                (policy.Spec!.Ingress ?? []).Any(rule =>
                    PeersMatch(policy, rule.From, namespaces, from, source)
                    && PortsMatch(rule.Ports, to, protocol, port)
                )
            );
    }

    public static bool EgressAllows(
        IEnumerable<NetworkPolicy> policies,
        Dictionary<string, Dictionary<string, string>> namespaces,
        NaivePod from,
        NaivePod? to,
        Ip destination,
        string protocol,
        int port
    )
    {
        var isolating = policies.Where(p => Selects(p, from) && Types(p).Contains("Egress")).ToList();
        return isolating.Count == 0
            || isolating.Any(policy =>
                (policy.Spec!.Egress ?? []).Any(rule =>
                    PeersMatch(policy, rule.To, namespaces, to, destination)
                    && PortsMatch(rule.Ports, to, protocol, port)
                )
            );
    }

    private static bool Selects(NetworkPolicy policy, NaivePod pod) =>
        policy.Metadata.Namespace == pod.Namespace && Matches(policy.Spec!.PodSelector, pod.Labels);

    private static IEnumerable<string> Types(NetworkPolicy policy)
    {
        if (policy.Spec!.PolicyTypes is { Count: > 0 } types)
        {
            return types;
        }

        return policy.Spec.Egress is null ? ["Ingress"] : ["Ingress", "Egress"];
    }

    private static bool PeersMatch(
        NetworkPolicy policy,
        IReadOnlyList<NetworkPolicyPeer>? peers,
        Dictionary<string, Dictionary<string, string>> namespaces,
        NaivePod? pod,
        Ip address
    )
    {
        if (peers is null || peers.Count == 0)
        {
            return true;
        }

        foreach (var peer in peers)
        {
            if (peer.IpBlock is { } block)
            {
                if (
                    Prefix.Parse(block.Cidr).Contains(address)
                    && !(block.Except ?? []).Any(except => Prefix.Parse(except).Contains(address))
                )
                {
                    return true;
                }

                continue;
            }

            if (pod is null)
            {
                continue;
            }

            var namespaceMatches = peer.NamespaceSelector is { } selector
                ? Matches(selector, namespaces[pod.Namespace])
                : pod.Namespace == policy.Metadata.Namespace;
            if (namespaceMatches && (peer.PodSelector is null || Matches(peer.PodSelector, pod.Labels)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool PortsMatch(
        IReadOnlyList<NetworkPolicyPort>? ports,
        NaivePod? destination,
        string protocol,
        int port
    )
    {
        if (ports is null || ports.Count == 0)
        {
            return true;
        }

        foreach (var entry in ports)
        {
            if ((entry.Protocol ?? "TCP") != protocol)
            {
                continue;
            }

            if (entry.Port is not { } wanted)
            {
                return true;
            }

            if (wanted.Text is { } name)
            {
                if (
                    destination is not null
                    && destination.Ports.Any(own => own.Name == name && own.Protocol == protocol && own.Port == port)
                )
                {
                    return true;
                }
            }
            else if (port >= wanted.Number && port <= (entry.EndPort ?? wanted.Number))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Matches(LabelSelector? selector, Dictionary<string, string> labels)
    {
        foreach (var (key, value) in selector?.MatchLabels ?? new Dictionary<string, string>())
        {
            if (!labels.TryGetValue(key, out var own) || own != value)
            {
                return false;
            }
        }

        foreach (var expression in selector?.MatchExpressions ?? [])
        {
            var present = labels.TryGetValue(expression.Key, out var own);
            var holds = expression.Operator switch
            {
                "In" => present && expression.Values!.Contains(own!),
                "NotIn" => !present || !expression.Values!.Contains(own!),
                "Exists" => present,
                "DoesNotExist" => !present,
                _ => false,
            };
            if (!holds)
            {
                return false;
            }
        }

        return true;
    }
}
