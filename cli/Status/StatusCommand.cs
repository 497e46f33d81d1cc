using System.CommandLine;
using System.Diagnostics;
using Weft.Kubernetes;
using Weft.Lab;

namespace Weft.Cli.Status;

/// <summary>`weft status`.</summary>
internal static class StatusCommand
{
    private const int NotWell = 3;
    private const int DefaultTimeoutSeconds = 300;
    private static readonly TimeSpan BetweenReadings = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var output = OutputOption.Create();
        var cluster = new ClusterOptions();
        var wait = new Option<bool>("--wait") { Description = "Wait until all is well." };
        var timeout = new Option<int>("--timeout")
        {
            Description = "How many seconds --wait waits at most.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => DefaultTimeoutSeconds,
        };
        var command = new Command(
            "status",
            """
            Show how Weft does in a cluster: nodes and their agents, the operator, kernel features that are in use or not
            and why, fill of maps, and all that is not as it should be.

            Exit code: 0 when all is well, 3 when there are warnings.
            """
        )
        {
            output,
            wait,
            timeout,
        };
        cluster.AddTo(command);
        command.Validators.Add(result =>
        {
            if (
                result.GetResult(timeout) is { Implicit: false }
                && result.GetResult(wait) is null or { Implicit: true }
            )
            {
                result.AddError("--timeout is for --wait: give both, or neither.");
            }
        });
        command.SetAction(
            async (parsed, cancel) =>
            {
                var lab = cluster.Lab(parsed);
                using var client = cluster.Client(parsed, lab);
                var patience = TimeSpan.FromSeconds(parsed.GetValue(wait) ? parsed.GetValue(timeout) : 0);
                var status = await ReadAsync(lab, client, patience, cancel);
                parsed.Print(
                    output,
                    status,
                    StatusJson.Plain.StatusResult,
                    () => StatusText.Of(status, DateTimeOffset.UtcNow)
                );
                return status.Warnings.Count > 0 ? NotWell : 0;
            }
        );
        return command;
    }

    /// <summary>Reads until all is well, or patience ends; what keeps it from being well is told as it changes.</summary>
    private static async Task<StatusResult> ReadAsync(
        LabDirectory? lab,
        KubernetesClient client,
        TimeSpan patience,
        CancellationToken cancel
    )
    {
        var began = Stopwatch.GetTimestamp();
        var said = "";
        while (true)
        {
            var status = StatusOf.Make(client.Server.ToString(), await ClusterReading.TakeAsync(lab, client, cancel));
            if (status.Warnings.Count == 0 || Stopwatch.GetElapsedTime(began) >= patience)
            {
                return status;
            }

            var first = status.Warnings[0];
            var saying = $"waiting: {first.About}: {first.Text}";
            if (saying != said)
            {
                await Console.Error.WriteLineAsync(saying);
                said = saying;
            }

            await Task.Delay(BetweenReadings, cancel);
        }
    }
}
