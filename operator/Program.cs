using System.CommandLine;
using Microsoft.Extensions.Logging;
using Weft.Configuration;
using Weft.Kubernetes;
using Weft.Operator;
using Weft.Operator.Configuration;
using Weft.Operator.Definitions;

var config = new Option<FileInfo?>("--config", "-c")
{
    Description = "The operator's configuration, a JSON file. Without one everything is as by default.",
};
var kubeconfig = new Option<FileInfo?>("--kubeconfig")
{
    Description = "How to reach the API server. Default: as a pod of the cluster, else as kubectl does.",
};
var root = new RootCommand("The Weft operator: identities, address pools and clean-up for the whole cluster.")
{
    config,
    kubeconfig,
};
root.SetAction(
    (parsed, cancellation) =>
        RunAsync(parsed.GetValue(config)?.FullName, parsed.GetValue(kubeconfig)?.FullName, cancellation)
);

var check = new Command("check", "Reads the configuration and says what is wrong with it; exits with 1 if anything is.")
{
    config,
};
check.SetAction(parsed => Check(parsed.GetValue(config)?.FullName));
root.Subcommands.Add(check);

var directory = new Option<DirectoryInfo?>("--directory")
{
    Description = "Writes a file for each into this directory instead.",
};
var crds = new Command("crds", "Prints the CustomResourceDefinitions of Weft's kinds as YAML.") { directory };
crds.SetAction(parsed => DefinitionFiles.Write(Console.Out, parsed.GetValue(directory)?.FullName));
root.Subcommands.Add(crds);
return await root.Parse(args).InvokeAsync();

static async Task<int> RunAsync(string? config, string? kubeconfig, CancellationToken cancellation)
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
        var settings = ConfigFile.Read(config);
        await new Daemon(settings, ClusterConnection.Find(kubeconfig), logging.CreateLogger("weft-operator")).RunAsync(
            cancellation
        );
        return 0;
    }
    catch (OperationCanceledException)
    {
        return 0;
    }
    catch (Exception e) when (e is ConfigException or KubernetesException or IOException)
    {
        await Console.Error.WriteLineAsync($"weft-operator: {e.Message}");
        return 1;
    }
}

static int Check(string? config)
{
    try
    {
        ConfigFile.Read(config);
        return 0;
    }
    catch (ConfigException e)
    {
        Console.Error.WriteLine($"weft-operator: {e.Message}");
        return 1;
    }
}
