using System.CommandLine;
using System.Globalization;
using System.Text.Json;
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
            "Show what network policies have denied lately, on all nodes of a lab or on the node this runs on."
        )
        {
            output,
        };
        cluster.AddTo(command);
        command.SetAction(parsed =>
        {
            var agents = LiveAgent.Of(cluster.Lab(parsed));
            if (agents.Count == 0)
            {
                throw new CommandException(
                    $"no agent can be asked from here: run it on a node, where {WeftPaths.DefaultSocket} is, or name a lab with --dir"
                );
            }

            var pods = agents
                .SelectMany(agent => agent.Ask(new AgentRequest(AgentVerb.State)).State?.Endpoints ?? [])
                .SelectMany(endpoint => endpoint.Addresses.Select(address => (Address: Bare(address), endpoint.Pod)))
                .DistinctBy(pod => pod.Address)
                .ToDictionary(pod => pod.Address, pod => pod.Pod?.ToString());
            var denials = agents
                .SelectMany(agent =>
                    (agent.Ask(new AgentRequest(AgentVerb.Denials)).Denials ?? []).Select(denial => new NodeDenial(
                        agent.Node,
                        denial.Peer?.ToString() ?? pods.GetValueOrDefault(denial.PeerAddress),
                        denial
                    ))
                )
                .OrderByDescending(denial => denial.Denial.Last)
                .ToList();
            Console.WriteLine(
                parsed.GetValue(output) == "json"
                    ? JsonSerializer.Serialize(new DenialsResult(denials), ExplainJson.Plain.DenialsResult)
                    : Render(denials)
            );
        });
        return command;
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
