using System.CommandLine;
using System.Globalization;
using Weft.Cli.Status;

namespace Weft.Cli.Inspection;

/// <summary>`weft node`.</summary>
internal static class NodeCommands
{
    public static Command Create() => new("node", "See the nodes and what their agents say.") { List(), Get() };

    private static Command List()
    {
        var output = OutputOption.Create("table");
        var cluster = new ClusterOptions();
        var command = new Command("list", "List the nodes.") { output };
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var lab = cluster.Lab(parsed);
                using var client = cluster.Client(parsed, lab);
                var read = await ClusterReading.TakeAsync(lab, client, cancel);
                var nodes = StatusOf.Make(client.Server.ToString(), read).Nodes;
                parsed.Print(
                    output,
                    new NodesResult(nodes),
                    InspectionJson.Plain.NodesResult,
                    () => StatusText.Nodes(nodes)
                );
            }
        );
        return command;
    }

    private static Command Get()
    {
        var name = new Argument<string>("NAME") { Description = "The node." };
        var output = OutputOption.Create();
        var cluster = new ClusterOptions();
        var command = new Command(
            "get",
            "Show one node: its conditions, pools of addresses, the other nodes it knows, drops and maps."
        )
        {
            name,
            output,
        };
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var lab = cluster.Lab(parsed);
                using var client = cluster.Client(parsed, lab);
                var read = await ClusterReading.TakeAsync(lab, client, cancel);
                var wanted = parsed.GetRequiredValue(name);
                var node =
                    StatusOf.Make(client.Server.ToString(), read).Nodes.FirstOrDefault(found => found.Name == wanted)
                    ?? throw new CommandException($"there is no node {wanted}: see `weft node list`");
                var asked = read.Agents.FirstOrDefault(agent => agent.Node == wanted);
                var detail = new NodeDetail(
                    node,
                    read.WeftNodes.FirstOrDefault(found => found.Metadata.Name == wanted)?.Status?.Conditions ?? [],
                    asked?.Response?.State,
                    asked is null ? "no agent of this node can be asked from here" : asked.Problem
                );
                parsed.Print(output, detail, InspectionJson.Plain.NodeDetail, () => Text(detail));
            }
        );
        return command;
    }

    private static string Text(NodeDetail detail)
    {
        List<string> blocks =
        [
            StatusText.Nodes([detail.Node]),
            Table.Render(
                ["CONDITION", "", "REASON", ""],
                [.. detail.Conditions.Select(c => (string[])[c.Type, c.Status, c.Reason ?? "", c.Message ?? ""])]
            ),
        ];
        if (detail.Agent is not { } agent)
        {
            return string.Join("\n\n", [.. blocks, $"The agent was not asked: {detail.Problem}"]);
        }

        blocks.Add(
            Table.Render(
                ["POOL", "USED", "RESTING", "CAPACITY"],
                [.. agent.Addresses.Select(p => (string[])[p.Prefix, Text(p.Used), Text(p.Cooling), Text(p.Capacity)])]
            )
        );
        blocks.Add(
            Table.Render(
                ["OTHER NODE", "ADDRESSES", "POD CIDRS"],
                [
                    .. agent.Peers.Select(peer =>
                        (string[])[peer.Name, string.Join(' ', peer.Addresses), string.Join(' ', peer.PodCidrs)]
                    ),
                ]
            )
        );
        blocks.Add(
            Table.Render(
                ["FEATURE", "", ""],
                [.. detail.Node.Features.Select(f => (string[])[f.Name, f.InUse ? "in use" : "not used", f.Note])]
            )
        );
        blocks.Add(
            agent.Drops.Count == 0
                ? "No packet was dropped."
                : Table.Render(
                    ["DROPPED FOR", "PACKETS", ""],
                    [
                        .. agent.Drops.Select(drop =>
                            (string[])[drop.Reason, drop.Packets.ToString(CultureInfo.InvariantCulture), drop.Text]
                        ),
                    ]
                )
        );
        blocks.Add(MapCommands.Text([.. agent.Maps.Select(map => MapCommands.Report(detail.Node.Name, map))]));
        return string.Join("\n\n", blocks);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
