using Weft.Cli.Agents;
using Weft.Contracts;
using Weft.Net;
using Weft.Policy.Explanations;
using Weft.Policy.Rules;

namespace Weft.Cli.Explaining;

/// <summary>What the objects say to a connection beside what the nodes' maps say.</summary>
internal static class Comparison
{
    private const byte Icmpv6 = 58;

    /// <summary>Asks every agent; each answers for its own pods.</summary>
    public static ExplainedConnection Of(
        Explanation explained,
        Transport protocol,
        ushort port,
        IReadOnlyList<LiveAgent> agents
    )
    {
        var question = new PolicyQuestion(
            explained.Source.ToString(),
            explained.Destination.ToString(),
            ProtocolNumber(protocol, explained.Source),
            port
        );
        var answers = agents
            .Select(agent =>
                (agent.Node, Answer: agent.Ask(new AgentRequest(AgentVerb.Judge, Question: question)).Answer)
            )
            .ToList();
        var egress = Side(explained.Egress, answers.Select(a => (a.Node, a.Answer?.Egress)));
        var ingress = Side(explained.Ingress, answers.Select(a => (a.Node, a.Answer?.Ingress)));
        return new ExplainedConnection(
            explained.Source.ToString(),
            explained.Destination.ToString(),
            explained.Passes,
            egress.Differs || ingress.Differs,
            egress,
            ingress
        );
    }

    /// <summary>ICMP has a number for each family.</summary>
    private static byte ProtocolNumber(Transport protocol, Ip address) =>
        protocol == EndNames.Icmp && !address.IsV4 ? Icmpv6 : (byte)protocol;

    /// <summary>Two that let it pass for different reasons agree: the maps keep one rule of several for an entry.</summary>
    internal static bool Differs(SideVerdict objects, PolicySide maps) =>
        objects.Outcome is not (SideOutcome.NoPod or SideOutcome.Itself)
        && (
            (objects.Outcome == SideOutcome.Denied) != (maps.Verdict == PolicyVerdict.Denied)
            || (objects.Outcome == SideOutcome.NotIsolated) != (maps.Verdict == PolicyVerdict.NotIsolated)
            || (objects.Outcome != SideOutcome.NotIsolated && objects.Audited != maps.Audit)
        );

    private static ExplainedSide Side(SideVerdict objects, IEnumerable<(string Node, PolicySide? Side)> answers)
    {
        var (node, maps) = answers.FirstOrDefault(answer => answer.Side is not null);
        return new ExplainedSide(
            objects.Outcome.ToString(),
            objects.Rule?.ToString(),
            [.. objects.IsolatedBy.Select(policy => policy.ToString())],
            objects.Audited,
            node,
            maps,
            maps is not null && Differs(objects, maps)
        );
    }
}
