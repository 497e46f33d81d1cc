using System.CommandLine;
using System.Globalization;
using Weft.Cli.Agents;
using Weft.Cli.Status;
using Weft.Contracts;

namespace Weft.Cli.Inspection;

/// <summary>`weft map`.</summary>
internal static class MapCommands
{
    public static Command Create() =>
        new("map", "See the maps that packets are handled by.") { List(), MapDumpCommand.Create() };

    public static MapReport Report(string node, MapState map) =>
        new(node, map.Name, map.Entries, map.Capacity, Math.Round(Warnings.Fill(map), 4));

    public static string Text(IReadOnlyList<MapReport> maps) =>
        Table.Render(
            ["NODE", "MAP", "ENTRIES", "CAPACITY", "FILL"],
            [
                .. maps.Select(map =>
                    (string[])
                        [
                            map.Node,
                            map.Name,
                            map.Entries.ToString(CultureInfo.InvariantCulture),
                            map.Capacity.ToString(CultureInfo.InvariantCulture),
                            map.Fill.ToString("P0", CultureInfo.InvariantCulture),
                        ]
                ),
            ]
        );

    private static Command List()
    {
        var output = OutputOption.Create("table");
        var cluster = new ClusterOptions();
        var command = new Command("list", "List the maps of each node and how full they are.") { output };
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var lab = cluster.Lab(parsed);
                using var client = cluster.FindClient(parsed, lab);
                var agents = await LiveAgents.RequireAsync(lab, client, cancel);
                var answers = await LiveAgents.AskAllAsync(agents, new AgentRequest(AgentVerb.State), cancel);
                if (answers.FirstOrDefault(answer => answer.Problem is not null) is { } silent)
                {
                    throw new CommandException($"the agent of {silent.Node} cannot tell: {silent.Problem}");
                }

                var maps = answers
                    .SelectMany(answer => answer.Response!.State!.Maps.Select(map => Report(answer.Node, map)))
                    .ToList();
                parsed.Print(output, new MapsResult(maps), InspectionJson.Plain.MapsResult, () => Text(maps));
            }
        );
        return command;
    }
}
