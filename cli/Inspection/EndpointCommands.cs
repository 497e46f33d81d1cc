using System.CommandLine;
using System.Globalization;

namespace Weft.Cli.Inspection;

/// <summary>`weft endpoint`.</summary>
internal static class EndpointCommands
{
    public static Command Create() => new("endpoint", "See the pods that Weft has connected.") { List(), Get() };

    private static Command List()
    {
        var space = new Option<string?>("--namespace", "-n")
        {
            Description = "Those of one namespace only.",
            HelpName = "NAMESPACE",
        };
        return Make(
            new Command("list", "List the pods that nodes have published, with what policies see of them.") { space },
            parsed =>
                parsed.GetValue(space) is { } name
                    ? endpoint => endpoint.Pod.StartsWith($"{name}/", StringComparison.Ordinal)
                    : _ => true,
            _ => null
        );
    }

    private static Command Get()
    {
        var pod = new Argument<string>("NAMESPACE/POD") { Description = "The pod." };
        return Make(
            new Command("get", "Show one pod.") { pod },
            parsed => endpoint => endpoint.Pod == parsed.GetRequiredValue(pod),
            parsed =>
                $"no node has published a pod {parsed.GetRequiredValue(pod)}: see `weft endpoint list`, and `kubectl describe pod` for why it has no network; pods in their node's network have none of Weft"
        );
    }

    private static Command Make(
        Command command,
        Func<ParseResult, Func<EndpointReport, bool>> filter,
        Func<ParseResult, string?> whenNone
    )
    {
        var output = OutputOption.Create("table");
        var cluster = new ClusterOptions();
        command.Add(output);
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                using var client = cluster.Client(parsed, cluster.Lab(parsed));
                var (slices, identities) = await PodIdentities.ReadAsync(client, cancel);
                var found = PodIdentities.Endpoints(slices, identities).Where(filter(parsed)).ToList();
                if (found.Count == 0 && whenNone(parsed) is { } problem)
                {
                    throw new CommandException(problem);
                }

                parsed.Print(
                    output,
                    new EndpointsResult(found),
                    InspectionJson.Plain.EndpointsResult,
                    () => Table.Render(["POD", "NODE", "ADDRESSES", "IDENTITY", "LABELS"], [.. found.Select(Row)])
                );
            }
        );
        return command;
    }

    private static string[] Row(EndpointReport endpoint) =>
        [
            endpoint.Pod,
            endpoint.Node,
            string.Join(' ', endpoint.Addresses),
            endpoint.Identity.ToString(CultureInfo.InvariantCulture),
            PodIdentities.Text(endpoint.Labels),
        ];
}
