using System.CommandLine;
using Weft.Cli.Agents;
using Weft.Contracts;

namespace Weft.Cli.Services;

/// <summary>`weft service`: Services as the nodes serve them.</summary>
internal static class ServiceCommands
{
    private const int Different = 3;

    public static Command Create() => new("service", "See where Services lead.") { List(), Show(), Trace() };

    private static Command List()
    {
        var output = OutputOption.Create("table");
        var cluster = new ClusterOptions();
        var command = new Command(
            "list",
            """
            List the addresses of all Services as each node serves them, with how many backends its own processes and pods
            (INSIDE) and everybody else (OUTSIDE) get there.

            Exit code: 0 when it could be told, 3 when the maps of a node differ from what they should hold.
            """
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
                var nodes = Ask(await LiveAgents.RequireAsync(lab, client, cancel), null);
                parsed.Print(
                    output,
                    new ServicesResult(nodes),
                    ServiceJson.Plain.ServicesResult,
                    () => ServiceText.List(nodes)
                );
                return ExitCode(nodes);
            }
        );
        return command;
    }

    private static Command Show()
    {
        var service = new Argument<string>("NAMESPACE/NAME") { Description = "The Service." };
        var output = OutputOption.Create();
        var cluster = new ClusterOptions();
        var command = new Command(
            "show",
            """
            Show a Service as each node serves it: its addresses, who gets which backends there, and what of it cannot work.

            Exit code: 0 when it could be told, 3 when the maps of a node differ from what they should hold.
            """
        )
        {
            service,
            output,
        };
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var name = parsed.GetRequiredValue(service);
                var lab = cluster.Lab(parsed);
                using var client = cluster.FindClient(parsed, lab);
                var nodes = Ask(await LiveAgents.RequireAsync(lab, client, cancel), name);
                if (nodes.All(node => node.Services is { Frontends: [], Problems: [] }))
                {
                    throw new CommandException(
                        $"no node serves a Service {name}: see `kubectl get services -A`; headless ones have no addresses to serve"
                    );
                }

                parsed.Print(
                    output,
                    new ServicesResult(nodes),
                    ServiceJson.Plain.ServicesResult,
                    () => string.Join('\n', nodes.SelectMany(ServiceText.Show))
                );
                return ExitCode(nodes);
            }
        );
        return command;
    }

    private static Command Trace()
    {
        var from = new Argument<string>("FROM")
        {
            Description = "NAMESPACE/POD, the name of a node, or an address; one of nobody here stands for outside.",
        };
        var to = new Argument<string>("TO")
        {
            Description = "ADDRESS:PORT or NAMESPACE/SERVICE:PORT, with /UDP or /SCTP if it is not TCP.",
        };
        var output = OutputOption.Create();
        var cluster = new ClusterOptions();
        var command = new Command(
            "trace",
            """
            Tell where a connection would go by the Services of the client's node, and why; for a client outside of the
            cluster, through each of the nodes.

            Exit code: 0 when it could be told, 3 when the maps of a node differ from what they should hold.
            """
        )
        {
            from,
            to,
            output,
        };
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var lab = cluster.Lab(parsed);
                using var client = cluster.FindClient(parsed, lab);
                var ends = new TraceEnds(await LiveAgents.RequireAsync(lab, client, cancel));
                var traces = ends.Questions(parsed.GetRequiredValue(from), parsed.GetRequiredValue(to))
                    .Select(asked => new NodeTrace(
                        asked.Agent.Node,
                        asked.Question,
                        asked.Agent.Ask(new AgentRequest(AgentVerb.Trace, Trace: asked.Question)).Trace!
                    ))
                    .ToList();
                parsed.Print(
                    output,
                    new TraceResult(traces),
                    ServiceJson.Plain.TraceResult,
                    () => string.Join('\n', traces.SelectMany(ServiceText.Trace))
                );
                return traces.Any(trace => trace.Answer.Difference is not null) ? Different : 0;
            }
        );
        return command;
    }

    private static List<NodeServices> Ask(IReadOnlyList<LiveAgent> agents, string? service) =>
        [
            .. agents.Select(agent => new NodeServices(
                agent.Node,
                agent.Ask(new AgentRequest(AgentVerb.Services, Services: new ServicesQuestion(service))).Services!
            )),
        ];

    private static int ExitCode(IEnumerable<NodeServices> nodes) =>
        nodes.Any(node => node.Services.Frontends.Any(frontend => frontend.Difference is not null)) ? Different : 0;
}
