using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Policy.Rules;

/// <summary>
/// Reads a NetworkPolicy as the API documents it. What the API server would refuse, or lets through though it makes no
/// sense, allows nothing: the entry is left out and named in the problems, while the policy goes on isolating.
/// </summary>
public static class PolicyReader
{
    /// <summary>Reads one object.</summary>
    public static PolicyRules Read(NetworkPolicy policy)
    {
        var key = ObjectKey.Of(policy);
        var spec = policy.Spec ?? new NetworkPolicySpec();
        var problems = new List<PolicyProblem>();
        foreach (var type in (spec.PolicyTypes ?? []).Where(type => type is not ("Ingress" or "Egress")))
        {
            problems.Add(new("policyTypes", $"\"{type}\" is neither Ingress nor Egress"));
        }

        // The API server's defaults, for objects that did not come through one: Ingress always, Egress with a section.
        var types =
            spec.PolicyTypes is { Count: > 0 } given ? given
            : spec.Egress is null ? ["Ingress"]
            : ["Ingress", "Egress"];
        if (!Selector(spec.PodSelector, "podSelector", problems))
        {
            // Whom it means is unknown: all pods it could mean are closed.
            return new PolicyRules(
                key,
                null,
                types.Contains("Ingress") ? [] : null,
                types.Contains("Egress") ? [] : null,
                problems
            );
        }

        return new PolicyRules(
            key,
            spec.PodSelector,
            types.Contains("Ingress")
                ?
                [
                    .. (spec.Ingress ?? []).Select(
                        (rule, index) => Read(key, Direction.Ingress, index, rule.From, rule.Ports, problems)
                    ),
                ]
                : null,
            types.Contains("Egress")
                ?
                [
                    .. (spec.Egress ?? []).Select(
                        (rule, index) => Read(key, Direction.Egress, index, rule.To, rule.Ports, problems)
                    ),
                ]
                : null,
            problems
        );
    }

    private static Rule Read(
        ObjectKey policy,
        Direction direction,
        int index,
        IReadOnlyList<NetworkPolicyPeer>? peers,
        IReadOnlyList<NetworkPolicyPort>? ports,
        List<PolicyProblem> problems
    )
    {
        var section = direction == Direction.Ingress ? "ingress" : "egress";
        var list = direction == Direction.Ingress ? "from" : "to";
        return new Rule(
            new RuleSource(policy, direction, index),
            peers is not { Count: > 0 }
                ? [PeerMatch.Everything]
                :
                [
                    .. peers
                        .Select((peer, i) => Peer(policy, peer, $"{section}[{index}].{list}[{i}]", problems))
                        .OfType<PeerMatch>(),
                ],
            ports is not { Count: > 0 }
                ? [PortMatch.Everything]
                :
                [
                    .. ports
                        .Select((port, i) => Port(port, $"{section}[{index}].ports[{i}]", problems))
                        .OfType<PortMatch>(),
                ]
        );
    }

    private static PeerMatch? Peer(ObjectKey policy, NetworkPolicyPeer peer, string path, List<PolicyProblem> problems)
    {
        if (peer.IpBlock is { } block)
        {
            if (peer.PodSelector is not null || peer.NamespaceSelector is not null)
            {
                problems.Add(new(path, "ipBlock stands alone; put the selectors into a peer of their own"));
                return null;
            }

            return Block(block, $"{path}.ipBlock", problems);
        }

        if (peer.PodSelector is null && peer.NamespaceSelector is null)
        {
            problems.Add(new(path, "names no peer; give it a podSelector, a namespaceSelector or an ipBlock"));
            return null;
        }

        return
            Selector(peer.PodSelector, $"{path}.podSelector", problems)
            && Selector(peer.NamespaceSelector, $"{path}.namespaceSelector", problems)
            ? new PodPeer(
                peer.NamespaceSelector is null ? policy.Namespace : null,
                peer.NamespaceSelector,
                peer.PodSelector
            )
            : null;
    }

    private static BlockPeer? Block(IPBlock block, string path, List<PolicyProblem> problems)
    {
        if (!Prefix.TryParse(block.Cidr, out var cidr))
        {
            problems.Add(new($"{path}.cidr", $"\"{block.Cidr}\" is not a prefix such as 10.0.0.0/24 or fd00::/64"));
            return null;
        }

        var except = new List<Prefix>();
        foreach (var text in block.Except ?? [])
        {
            // An exception that cannot be read must not widen what the peer allows: all of it is left out.
            if (!Prefix.TryParse(text, out var prefix))
            {
                problems.Add(new($"{path}.except", $"\"{text}\" is not a prefix such as 10.0.0.0/28"));
                return null;
            }

            if (prefix.IsV4 != cidr.IsV4 || prefix.Length < cidr.Length || !cidr.Contains(prefix.First))
            {
                problems.Add(new($"{path}.except", $"{text} is not inside of {block.Cidr}"));
            }

            except.Add(prefix.Network);
        }

        return new BlockPeer(cidr.Network, except);
    }

    private static PortMatch? Port(NetworkPolicyPort port, string path, List<PolicyProblem> problems)
    {
        if (Transports.Parse(port.Protocol) is not { } protocol)
        {
            problems.Add(new($"{path}.protocol", $"\"{port.Protocol}\" is not one of TCP, UDP, SCTP"));
            return null;
        }

        if (port.Port is not { } number)
        {
            if (port.EndPort is null)
            {
                return new NumberedPorts(protocol, PortRange.All);
            }

            problems.Add(new($"{path}.endPort", "a range needs a port to begin at"));
            return null;
        }

        if (number.Text is { } name)
        {
            if (port.EndPort is null)
            {
                return new NamedPort(protocol, name);
            }

            problems.Add(new($"{path}.endPort", $"a range begins at a number, not at the name \"{name}\""));
            return null;
        }

        var last = port.EndPort ?? number.Number;
        if (number.Number is < 1 or > ushort.MaxValue || last < number.Number || last > ushort.MaxValue)
        {
            problems.Add(new(path, $"ports {number.Number} to {last} are not a range within 1 to {ushort.MaxValue}"));
            return null;
        }

        return new NumberedPorts(protocol, new PortRange((ushort)number.Number, (ushort)last));
    }

    private static bool Selector(LabelSelector? selector, string path, List<PolicyProblem> problems)
    {
        if (Selectors.ProblemOf(selector) is not { } problem)
        {
            return true;
        }

        problems.Add(new(path, $"{problem}"));
        return false;
    }
}
