using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Weft.Lab.ApiServer;
using Weft.Netlink;

namespace Weft.Lab.Daemon;

/// <summary>`weft-lab apiserver`.</summary>
internal static class ApiServerCommand
{
    private static readonly Option<DirectoryInfo> Directory = new("--directory")
    {
        Description = "Where it keeps its objects, its certificates and the kubeconfigs it writes.",
        HelpName = "DIR",
        Required = true,
    };

    private static readonly Option<IPEndPoint> Listen = new("--listen")
    {
        Description =
            "Where it serves, for DIR/kubeconfig. Port 0 is a free one the first time, and the same one afterwards.",
        HelpName = "ADDR:PORT",
        DefaultValueFactory = _ => new(IPAddress.Loopback, 0),
        CustomParser = EndPoint,
    };

    private static readonly Option<IPEndPoint?> NodesListen = new("--nodes-listen")
    {
        Description = "Where it serves in addition, for DIR/nodes.kubeconfig and the `kubernetes` service.",
        HelpName = "ADDR:PORT",
        CustomParser = EndPoint,
    };

    private static readonly Option<string?> NodesNetns = new("--nodes-netns")
    {
        Description = "The network namespace that --nodes-listen is an address of.",
        HelpName = "PATH",
    };

    public static Command Build()
    {
        var command = new Command(
            "apiserver",
            "Serves the Kubernetes API. Anybody with a kubeconfig may do everything."
        )
        {
            Directory,
            Listen,
            NodesListen,
            NodesNetns,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var logging = Logging.Create();
        try
        {
            var directory = parsed.GetRequiredValue(Directory).FullName;
            await using var server = await LabApiServer.StartAsync(
                directory,
                [.. Listeners(parsed, directory)],
                logging,
                cancellation
            );
            await Console.Out.WriteLineAsync($"serving; export KUBECONFIG={Path.Combine(directory, "kubeconfig")}");
            await Task.Delay(Timeout.Infinite, cancellation);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or SocketException or NamespaceException)
        {
            await Console.Error.WriteLineAsync($"weft-lab apiserver: {e.Message}");
            return 1;
        }
    }

    private static IEnumerable<Listener> Listeners(ParseResult parsed, string directory)
    {
        yield return new(StablePort.Bind(parsed.GetRequiredValue(Listen), directory), "kubeconfig");
        if (parsed.GetValue(NodesListen) is not { } nodes)
        {
            yield break;
        }

        if (parsed.GetValue(NodesNetns) is { } path)
        {
            using var netns = NetworkNamespace.Open(path);
            yield return new(netns.Run(() => StablePort.Bind(nodes)), "nodes.kubeconfig");
        }
        else
        {
            yield return new(StablePort.Bind(nodes), "nodes.kubeconfig");
        }
    }

    private static IPEndPoint? EndPoint(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (IPEndPoint.TryParse(text, out var address) && text.EndsWith($":{address.Port}", StringComparison.Ordinal))
        {
            return address;
        }

        result.AddError($"{text} is no address with a port, such as 127.0.0.1:6443 or [::1]:0");
        return null;
    }
}
