using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Weft.Connectivity;

namespace Weft.Cli.Connectivity;

/// <summary>`weft connectivity`.</summary>
internal static class ConnectivityCommands
{
    private const int SomethingFailed = 3;

    public static Command Create() => new("connectivity", "Try the paths of a cluster.") { Test() };

    private static Command Test()
    {
        var output = OutputOption.Create();
        var cluster = new ClusterOptions();
        var image = new Option<string?>("--image")
        {
            Description =
                $"Image of the pods, with {AgentImage.Probe}; the agents' own unless given. In a lab none is needed.",
            HelpName = "IMAGE",
        };
        var world = new Option<IPEndPoint?>("--world")
        {
            Description = "A server outside of the cluster that answers HTTP, to be tried too.",
            HelpName = "ADDRESS:PORT",
            CustomParser = result =>
            {
                if (IPEndPoint.TryParse(result.Tokens[0].Value, out var found) && found.Port > 0)
                {
                    return found;
                }

                result.AddError($"'{result.Tokens[0].Value}' is not ADDRESS:PORT.");
                return null;
            },
        };
        var keep = new Option<bool>("--keep") { Description = "Leave the pods there, to look into a failure." };
        var command = new Command(
            "test",
            """
            Try every path: pods, nodes, ClusterIPs, node ports, what a policy allows and denies, DNS and the world, over TCP
            and UDP, in each family the cluster has. It makes pods in a namespace of its own, weft-connectivity-…, and removes
            it, also when it is interrupted. If it is killed, `kubectl delete namespace` does.

            Exit code: 0 when all paths are as they should be, 3 when one is not.
            """
        )
        {
            output,
            image,
            world,
            keep,
        };
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var lab = cluster.Lab(parsed);
                using var client = cluster.Client(parsed, lab);
                var options = (
                    lab is not null
                        ? new ConnectivityOptions("host", Path.Combine(AppContext.BaseDirectory, "weft-probe"))
                        : new ConnectivityOptions(
                            parsed.GetValue(image)
                                ?? await AgentImage.FindAsync(client, cancel)
                                ?? throw new CommandException(
                                    $"the cluster has no DaemonSet weft-agent whose image could be used: name one that has {AgentImage.Probe} with --image"
                                ),
                            AgentImage.Probe
                        )
                ) with
                {
                    World = parsed.GetValue(world),
                    Keep = parsed.GetValue(keep),
                };
                var began = Stopwatch.GetTimestamp();
                var results = await new ConnectivityTest(client, options, Say).RunAsync(cancel);
                parsed.Print(
                    output,
                    new ConnectivityResult(results),
                    ConnectivityJson.Plain.ConnectivityResult,
                    () => ConnectivityText.Of(results, options.Keep, Stopwatch.GetElapsedTime(began))
                );
                return results.Any(path => path.Outcome == PathOutcome.Failed) ? SomethingFailed : 0;

                // What is said on the way is not part of the result.
                void Say(string step) =>
                    Console.Error.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"[{Stopwatch.GetElapsedTime(began).TotalSeconds, 4:0.0} s] {step}"
                        )
                    );
            }
        );
        return command;
    }
}
