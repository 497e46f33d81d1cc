using System.CommandLine;
using Microsoft.Extensions.Logging;
using Weft.Agent;
using Weft.Agent.Check;
using Weft.Agent.Configuration;
using Weft.Bpf;
using Weft.Configuration;
using Weft.Netlink;

var config = new Option<FileInfo>("--config", "-c")
{
    Description = "The agent's configuration, a JSON file.",
    DefaultValueFactory = _ => new FileInfo("/etc/weft/agent.json"),
};
var root = new RootCommand("The Weft agent: one on each node, keeps pods connected.") { config };
root.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(config)!, cancellation));
var check = new Command("check", "Says what this kernel has and lacks for Weft; exits with 1 if Weft cannot run here.");
check.SetAction(_ => KernelCheck.Run(Console.Out));
root.Subcommands.Add(check);
return await root.Parse(args).InvokeAsync();

static async Task<int> RunAsync(FileInfo config, CancellationToken cancellation)
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
        await new Daemon(ConfigFile.Read(config.FullName), logging.CreateLogger("weft-agent")).RunAsync(cancellation);
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
