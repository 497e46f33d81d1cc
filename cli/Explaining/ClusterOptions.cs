using System.CommandLine;
using Weft.Kubernetes;
using Weft.Lab;

namespace Weft.Cli.Explaining;

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

        var used = parsed.GetValue(kubeconfig) ?? Environment.GetEnvironmentVariable("KUBECONFIG");
        var folder = string.IsNullOrEmpty(used) ? LabDirectory.Default : Path.GetDirectoryName(Path.GetFullPath(used));
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
}
