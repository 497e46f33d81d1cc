using System.CommandLine;
using System.Globalization;
using Weft.Cli.Agents;
using Weft.Contracts;
using Weft.Net;
using Weft.Policy.Rules;

namespace Weft.Cli.Explaining;

/// <summary>`weft denials`.</summary>
internal static class DenialsCommand
{
    public static Command Create()
    {
        var output = OutputOption.Create("table");
        var cluster = new ClusterOptions();
        var command = new Command(
            "denials",
            "Show what network policies have denied lately, on all nodes whose agents can be asked."
        )
        {
            output,
        };
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var lab = cluster.Lab(parsed);
                using var client = cluster.FindClient(parsed, lab);
                var agents = await LiveAgents.RequireAsync(lab, client, cancel);
                var denials = Of(agents);
                parsed.Print(
                    output,
                    new DenialsResult(denials),
                    ExplainJson.Plain.DenialsResult,
                    () => Render(denials)
                );
            }
        );
        return command;
    }

    private static List<NodeDenial> Of(IReadOnlyList<LiveAgent> agents)
    {
        var pods = agents
            .SelectMany(agent => agent.Ask(new AgentRequest(AgentVerb.State)).State?.Endpoints ?? [])
            .SelectMany(endpoint => endpoint.Addresses.Select(address => (Address: Bare(address), endpoint.Pod)))
            .DistinctBy(pod => pod.Address)
            .ToDictionary(pod => pod.Address, pod => pod.Pod?.ToString());
        return
        [
            .. agents
                .SelectMany(agent =>
                    (agent.Ask(new AgentRequest(AgentVerb.Denials)).Denials ?? []).Select(denial => new NodeDenial(
                        agent.Node,
                        denial.Peer?.ToString() ?? pods.GetValueOrDefault(denial.PeerAddress),
                        denial
                    ))
                )
                .OrderByDescending(denial => denial.Denial.Last),
        ];
    }

    internal static string Render(IReadOnlyList<NodeDenial> denials) =>
        denials.Count == 0
            ? "Nothing was denied lately."
            : Table.Render(
                ["LAST", "PACKETS", "FROM", "TO", "PORT", "DENIED BY", "POLICIES"],
                [.. denials.Select(Row)]
            );

    private static string[] Row(NodeDenial noted)
    {
        var denial = noted.Denial;
        var pod = denial.Pod?.ToString() ?? denial.PodAddress;
        var peer = noted.PeerName ?? denial.PeerAddress;
        var ingress = denial.Direction == "ingress";
        var policies = ingress ? denial.Set.Ingress : denial.Set.Egress;
        return
        [
            denial.Last.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
            denial.Packets.ToString(CultureInfo.InvariantCulture),
            ingress ? peer : pod,
            ingress ? pod : peer,
            $"{denial.Port.ToString(CultureInfo.InvariantCulture)}/{ProtocolOf(denial.Protocol)}",
            $"{denial.Direction}{(denial.Audit ? " (audit)" : "")}",
            policies.Count > 0 ? string.Join(' ', policies) : denial.Set.Note ?? "",
        ];
    }

    private static string ProtocolOf(byte protocol) =>
        Enum.IsDefined((Transport)protocol)
            ? ((Transport)protocol).ToString().ToUpperInvariant()
            : protocol.ToString(CultureInfo.InvariantCulture);

    private static string Bare(string address) =>
        Prefix.TryParse(address, out var prefix) ? prefix.Address.ToString() : address;
}
