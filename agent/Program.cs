using System.CommandLine;
using Microsoft.Extensions.Logging;
using Weft.Agent;
using Weft.Agent.Check;
using Weft.Agent.Configuration;
using Weft.Agent.Installation;
using Weft.Agent.Server;
using Weft.Bpf;
using Weft.Configuration;
using Weft.Netlink;

var config = new Option<FileInfo>("--config", "-c")
{
    Description = "The agent's configuration, a JSON file.",
    DefaultValueFactory = _ => new FileInfo("/etc/weft/agent.json"),
};
var nodeName = new Option<string?>("--node-name")
{
    Description = "This node's name, for a configuration that nodes share and that has no nodeName.",
};
var root = new RootCommand("The Weft agent: one on each node, keeps pods connected.") { config, nodeName };
root.SetAction(
    (parsed, cancellation) =>
        RunAsync(
            parsed.GetValue(config)!,
            parsed.GetValue(nodeName),
            (settings, logger) => new Daemon(settings, logger).RunAsync(cancellation)
        )
);
var check = new Command("check", "Says what this kernel has and lacks for Weft; exits with 1 if Weft cannot run here.");
check.SetAction(_ => KernelCheck.Run(Console.Out));
root.Subcommands.Add(check);
root.Subcommands.Add(NodeCommands.PrepareNode());
root.Subcommands.Add(NodeCommands.CleanUpNode(config, nodeName, RunAsync));
root.Subcommands.Add(AskCommand.Create());
return await root.Parse(args).InvokeAsync();

static async Task<int> RunAsync(FileInfo config, string? nodeName, Func<NodeSettings, ILogger, Task> run)
{
    using var logging = LoggerFactory.Create(builder =>
        builder.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        })
    );
    try
    {
        var settings = ConfigFile.Read(config.FullName, nodeName);
        await run(settings, logging.CreateLogger("weft-agent"));
        return 0;
    }
    catch (OperationCanceledException)
    {
        return 0;
    }
    catch (Exception e)
        when (e is ConfigException or BpfException or LayoutException or NetlinkException or IOException)
    {
        await Console.Error.WriteLineAsync($"weft-agent: {e.Message}");
        return 1;
    }
}
