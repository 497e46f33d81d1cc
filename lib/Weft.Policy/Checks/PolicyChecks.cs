using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy.Rules;

namespace Weft.Policy.Checks;

/// <summary>What can be seen to be wrong with a NetworkPolicy by looking at nothing else.</summary>
public static class PolicyChecks
{
    /// <summary>Checks one policy.</summary>
    public static IEnumerable<Finding> Of(NetworkPolicy policy)
    {
        var spec = policy.Spec ?? new NetworkPolicySpec();
        return
        [
            .. PolicyReader.Read(policy).Problems.Select(problem => Error($"spec.{problem.Path}", problem.Message)),
            .. Names(policy),
            .. Types(spec),
            .. Labels("spec.podSelector", spec.PodSelector),
            .. RuleSection.Of(spec).SelectMany(Rule),
        ];
    }

    private static IEnumerable<Finding> Names(NetworkPolicy policy)
    {
        if (Forms.ObjectName(policy.Metadata.Name ?? "") is { } demand)
        {
            yield return Error("metadata.name", demand);
        }
    }

    private static IEnumerable<Finding> Types(NetworkPolicySpec spec)
    {
        if (spec.PolicyTypes is { Count: > 2 })
        {
            yield return Error("spec.policyTypes", "there are two at most: Ingress and Egress");
        }

        // Absent types follow from the sections; given ones overrule them.
        if (spec.PolicyTypes is not { Count: > 0 } given)
        {
            yield break;
        }

        if (spec.Ingress is { Count: > 0 } && !given.Contains("Ingress"))
        {
            yield return Ineffective("ingress", "Ingress");
        }

        if (spec.Egress is { Count: > 0 } && !given.Contains("Egress"))
        {
            yield return Ineffective("egress", "Egress");
        }
    }

    private static IEnumerable<Finding> Rule(RuleSection rule) =>
        rule
            .Peers.SelectMany((peer, i) => Peer(peer, rule.PeerPath(i)))
            .Concat(rule.Ports.SelectMany((port, i) => Port(port, rule.PortPath(i))));

    private static IEnumerable<Finding> Peer(NetworkPolicyPeer peer, string path) =>
        [
            .. Labels($"{path}.podSelector", peer.PodSelector),
            .. Labels($"{path}.namespaceSelector", peer.NamespaceSelector),
            .. peer.IpBlock is { } block ? Block(block, $"{path}.ipBlock") : [],
        ];

    private static IEnumerable<Finding> Block(IPBlock block, string path)
    {
        if (!Prefix.TryParse(block.Cidr, out var cidr))
        {
            yield break;
        }

        if (HostBits($"{path}.cidr", cidr) is { } bits)
        {
            yield return bits;
        }

        foreach (var (i, text) in (block.Except ?? []).Index())
        {
            if (!Prefix.TryParse(text, out var except))
            {
                continue;
            }

            if (except.Network == cidr.Network)
            {
                yield return Error($"{path}.except[{i}]", $"{text} is all of {block.Cidr}; leave the peer out instead");
            }
            else if (HostBits($"{path}.except[{i}]", except) is { } exceptBits)
            {
                yield return exceptBits;
            }
        }
    }

    private static Finding? HostBits(string path, Prefix prefix) =>
        prefix == prefix.Network ? null : Warning(path, $"{prefix} means {prefix.Network}; write that");

    private static IEnumerable<Finding> Port(NetworkPolicyPort port, string path)
    {
        if (port.Port?.Text is { } name && Forms.PortName(name) is { } demand)
        {
            yield return Error($"{path}.port", demand);
        }
    }

    private static IEnumerable<Finding> Labels(string path, LabelSelector? selector)
    {
        foreach (var (key, value) in selector?.MatchLabels ?? new Dictionary<string, string>())
        {
            if ((Forms.LabelKey(key) ?? Forms.LabelValue(value)) is { } demand)
            {
                yield return Error($"{path}.matchLabels", demand);
            }
        }

        foreach (var (i, expression) in (selector?.MatchExpressions ?? []).Index())
        {
            if (Forms.LabelKey(expression.Key) is { } demand)
            {
                yield return Error($"{path}.matchExpressions[{i}].key", demand);
            }

            foreach (var (j, value) in (expression.Values ?? []).Index())
            {
                if (Forms.LabelValue(value) is { } other)
                {
                    yield return Error($"{path}.matchExpressions[{i}].values[{j}]", other);
                }
            }
        }
    }

    private static Finding Ineffective(string section, string type) =>
        Warning(
            $"spec.{section}",
            $"has no effect, for policyTypes does not have {type}; add it there, or leave the rules out"
        );

    private static Finding Error(string path, string message) => new(Severity.Error, path, message);

    private static Finding Warning(string path, string message) => new(Severity.Warning, path, message);
}
