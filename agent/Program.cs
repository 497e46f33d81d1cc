using System.CommandLine;
using Microsoft.Extensions.Logging;
using Weft.Agent;
using Weft.Agent.Check;
using Weft.Agent.Configuration;
using Weft.Agent.Installation;
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
root.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(config)!, parsed.GetValue(nodeName), cancellation));
var check = new Command("check", "Says what this kernel has and lacks for Weft; exits with 1 if Weft cannot run here.");
check.SetAction(_ => KernelCheck.Run(Console.Out));
root.Subcommands.Add(check);
root.Subcommands.Add(PrepareNode());
return await root.Parse(args).InvokeAsync();

static Command PrepareNode()
{
    var plugin = new Option<FileInfo>("--plugin")
    {
        Description = "The plugin to install.",
        DefaultValueFactory = _ => new FileInfo(Path.Combine(AppContext.BaseDirectory, PluginInstallation.FileName)),
    };
    var directory = new Option<DirectoryInfo>("--plugin-directory")
    {
        Description = "Where the runtime looks for plugins.",
        DefaultValueFactory = _ => new DirectoryInfo("/opt/cni/bin"),
    };
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

static async Task<int> RunAsync(FileInfo config, string? nodeName, CancellationToken cancellation)
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
        await new Daemon(settings, logging.CreateLogger("weft-agent")).RunAsync(cancellation);
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
