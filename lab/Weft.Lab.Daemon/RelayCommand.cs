using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Weft.Lab.Daemon.Relaying;

namespace Weft.Lab.Daemon;

/// <summary>`weft-lab relay`.</summary>
internal static class RelayCommand
{
    public static Command Build()
    {
        var kubeconfig = new Option<FileInfo>("--kubeconfig") { Description = "The API server.", Required = true };
        var written = new Option<string>("--nodes-kubeconfig")
        {
            Description = "File to write when it serves: the same access by the nodes' address.",
            Required = true,
        };
        var listen = new Option<string>("--nodes-listen") { Description = "ADDR:PORT for the nodes.", Required = true };
        var netns = new Option<string>("--nodes-netns")
        {
            Description = "The network namespace that is an address of.",
            Required = true,
        };
        var command = new Command("relay", "Carries nodes' connections to an API server their network has no way to.")
        {
            kubeconfig,
            written,
            listen,
            netns,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                using var logging = Logging.Create();
                await Relay.RunAsync(
                    parsed.GetRequiredValue(kubeconfig).FullName,
                    parsed.GetRequiredValue(written),
                    IPEndPoint.Parse(parsed.GetRequiredValue(listen)),
                    parsed.GetRequiredValue(netns),
                    logging.CreateLogger("relay"),
                    cancel
                );
            }
        );
        return command;
    }
}
