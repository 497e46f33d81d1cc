using System.CommandLine;
using Weft.Kubernetes;
using Weft.Lab;

namespace Weft.Cli;

/// <summary>Which cluster a command is about: a lab, or that of a kubeconfig.</summary>
internal sealed class ClusterOptions
{
    private readonly Option<string?> dir = new("--dir")
    {
        Description = "The lab in this directory, instead of the cluster of a kubeconfig.",
        HelpName = "DIR",
    };

    private readonly Option<string?> kubeconfig = new("--kubeconfig")
    {
        Description = "Kubeconfig of the cluster; as kubectl finds it unless given.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Add(dir);
        command.Add(kubeconfig);
        command.Validators.Add(result =>
        {
            if (result.GetResult(dir) is not null && result.GetResult(kubeconfig) is not null)
            {
                result.AddError("--dir and --kubeconfig name two clusters: give one.");
            }
        });
    }

    /// <summary>The lab: the one named, else the one whose kubeconfig is used, else the default one if nothing else is said.</summary>
    public LabDirectory? Lab(ParseResult parsed)
    {
        if (parsed.GetValue(dir) is { } named)
        {
            return LabDirectory.Open(named);
        }

        var folder = Named(parsed) is { } used ? Path.GetDirectoryName(Path.GetFullPath(used)) : LabDirectory.Default;
        return folder is not null && Directory.Exists(folder) && LabDirectory.IsAt(folder)
            ? LabDirectory.Open(folder)
            : null;
    }

    public KubernetesClient Client(ParseResult parsed, LabDirectory? lab) =>
        new(
            parsed.GetValue(kubeconfig) is { } file ? ClusterConnection.FromKubeconfig(file)
                : lab is { HasKubernetes: true } ? ClusterConnection.FromKubeconfig(lab.Kubeconfig)
                : ClusterConnection.Find(),
            userAgent: "weft"
        );

    /// <summary>As the other; null where there is no Kubernetes: in a lab without, or where nothing names a cluster.</summary>
    public KubernetesClient? FindClient(ParseResult parsed, LabDirectory? lab)
    {
        if (lab is { HasKubernetes: false })
        {
            return null;
        }

        try
        {
            return Client(parsed, lab);
        }
        catch (ConfigurationException) when (Named(parsed) is null)
        {
            return null;
        }
    }

    /// <summary>The kubeconfig that somebody has named; null when there is only what kubectl would try last.</summary>
    private string? Named(ParseResult parsed) =>
        parsed.GetValue(kubeconfig)
        ?? (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } variable ? variable : null);
}
