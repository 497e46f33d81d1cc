using System.CommandLine;
using Microsoft.Extensions.Logging;
using Weft.Agent.Configuration;
using Weft.Metrics;

namespace Weft.Agent.Installation;

/// <summary>The commands that bring Weft onto a node and take it off.</summary>
internal static class NodeCommands
{
    /// <summary>Runs something with the settings of a configuration; returns the exit code.</summary>
    public delegate Task<int> WithSettings(FileInfo config, string? nodeName, Func<NodeSettings, ILogger, Task> run);

    public static Command PrepareNode()
    {
        var plugin = new Option<FileInfo>("--plugin")
        {
            Description = "The plugin to install.",
            DefaultValueFactory = _ => new FileInfo(
                Path.Combine(AppContext.BaseDirectory, PluginInstallation.FileName)
            ),
        };
        var directory = PluginDirectory();
        var bpf = new Option<DirectoryInfo>("--bpf-directory")
        {
            Description = "The agent's bpfDirectory.",
            DefaultValueFactory = _ => new DirectoryInfo(ConfigFile.DefaultBpfDirectory),
        };
        var prepare = new Command(
            "prepare-node",
            "Does what takes more rights than the agent needs: a bpffs, IP forwarding, and weft-cni where the runtime looks for it."
        )
        {
            plugin,
            directory,
            bpf,
        };
        prepare.SetAction(parsed =>
            NodePreparation.Run(
                parsed.GetValue(plugin)!.FullName,
                parsed.GetValue(directory)!.FullName,
                parsed.GetValue(bpf)!.FullName,
                Console.Error
            )
        );
        return prepare;
    }

    public static Command CleanUpNode(Option<FileInfo> config, Option<string?> nodeName, WithSettings withSettings)
    {
        var directory = PluginDirectory();
        var bringBack = new Option<bool>("--bring-back-others")
        {
            Description = "Give other networks' CNI configurations, which the agent set aside, their names back.",
        };
        var stay = new Option<bool>("--stay")
        {
            Description = "Answer health checks at the configuration's \"listen\" afterwards, until ended.",
        };
        var cleanUp = new Command(
            "cleanup-node",
            "Removes all that is Weft's from this node, where no agent may run any more: programs, maps, devices, routes and files. Pods that have their network from Weft lose it."
        )
        {
            config,
            nodeName,
            directory,
            bringBack,
            stay,
        };
        cleanUp.SetAction(
            async (parsed, cancellation) =>
            {
                var isClean = true;
                var code = await withSettings(
                    parsed.GetValue(config)!,
                    parsed.GetValue(nodeName),
                    async (settings, logger) =>
                    {
                        isClean = new NodeCleanup(
                            settings,
                            parsed.GetValue(directory)!.FullName,
                            parsed.GetValue(bringBack),
                            Console.Out,
                            Console.Error
                        ).Run();
                        if (isClean && parsed.GetValue(stay))
                        {
                            await StayAsync(settings, logger, cancellation);
                        }
                    }
                );
                return isClean ? code : 1;
            }
        );
        return cleanUp;
    }

    private static Option<DirectoryInfo> PluginDirectory() =>
        new("--plugin-directory")
        {
            Description = "Where the runtime looks for plugins.",
            DefaultValueFactory = _ => new DirectoryInfo("/opt/cni/bin"),
        };

    /// <summary>A DaemonSet's container has no end; by its readiness its owner sees which nodes are done.</summary>
    private static async Task StayAsync(NodeSettings settings, ILogger logger, CancellationToken cancellation)
    {
        using var status = new StatusServer(settings.Listen, new Registry(), () => null, logger);
        status.Listen();
        await status.RunAsync(cancellation);
    }
}
