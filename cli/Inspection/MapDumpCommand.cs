using System.CommandLine;
using Weft.Cli.Agents;
using Weft.Contracts;

namespace Weft.Cli.Inspection;

/// <summary>`weft map dump`.</summary>
internal static class MapDumpCommand
{
    private const int Usual = 1000;

    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The map, as `weft map list` has it, or drops." };
        var node = new Option<string?>("--node") { Description = "That of one node only.", HelpName = "NODE" };
        var limit = new Option<int>("--limit")
        {
            Description = $"How many entries of each node at most, 1 to {MapQuestion.Limit}.",
            HelpName = "N",
            DefaultValueFactory = _ => Usual,
        };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MapQuestion.Limit)
            {
                result.AddError($"--limit takes 1 to {MapQuestion.Limit}.");
            }
        });
        var output = OutputOption.Create("table");
        var cluster = new ClusterOptions();
        var command = new Command(
            "dump",
            """
            Show the entries of a map, with names beside addresses, and of identities, policies and Services in place of
            numbers.
            """
        )
        {
            name,
            node,
            limit,
            output,
        };
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var lab = cluster.Lab(parsed);
                using var client = cluster.FindClient(parsed, lab);
                var agents = await LiveAgents.RequireAsync(lab, client, cancel);
                if (parsed.GetValue(node) is { } only)
                {
                    agents = [.. agents.Where(agent => agent.Node == only)];
                    if (agents.Count == 0)
                    {
                        throw new CommandException($"no agent of a node {only} can be asked: see `weft node list`");
                    }
                }

                var map = parsed.GetRequiredValue(name);
                var question = new AgentRequest(AgentVerb.Map, Map: new MapQuestion(map, parsed.GetValue(limit)));
                var asked = LiveAgents.AskAllAsync(agents, question, cancel);
                var names = await ClusterNames.ReadAsync(client, agents, cancel);
                var answers = await asked;
                if (answers.FirstOrDefault(answer => answer.Problem is not null) is { } silent)
                {
                    throw new CommandException($"{silent.Node}: {silent.Problem}");
                }

                var read = answers.Select(answer => (answer.Node, Map: answer.Response!.Map!)).ToList();
                parsed.Print(
                    output,
                    new MapDumpResult([.. read.Select(of => MapDump.Report(of.Node, map, of.Map, names))]),
                    InspectionJson.Plain.MapDumpResult,
                    () => MapDump.Text(read, names)
                );
            }
        );
        return command;
    }
}
