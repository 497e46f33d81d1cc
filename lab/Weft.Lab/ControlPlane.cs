using Weft.Lab.Linux;

namespace Weft.Lab;

/// <summary>
/// What a cluster has besides its nodes: the API server, the controllers and Weft's operator. The API server and the
/// controllers are the machine's processes; the operator is on the outside host, as a machine beside the nodes.
/// </summary>
internal static class ControlPlane
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

    /// <summary>Where nodes reach the API server.</summary>
    private static string NodesAddress { get; } = $"{AddressPlan.Gateway[0].Address}:6443";

    /// <summary>The lab's own API server.</summary>
    public static LabProcess ApiServer(LabDirectory lab) =>
        Process(
            lab,
            "apiserver",
            null,
            [
                Programs.Daemon,
                "apiserver",
                "--directory",
                lab.ApiServer,
                "--nodes-listen",
                NodesAddress,
                "--nodes-netns",
                lab.OutsideNetns,
            ]
        );

    /// <summary>Carries the nodes' requests to another API server, which their network has no way to.</summary>
    public static LabProcess Relay(LabDirectory lab) =>
        Process(
            lab,
            "relay",
            null,
            [
                Programs.Daemon,
                "relay",
                "--kubeconfig",
                lab.Kubeconfig,
                "--nodes-kubeconfig",
                lab.NodesKubeconfig,
                "--nodes-listen",
                NodesAddress,
                "--nodes-netns",
                lab.OutsideNetns,
            ]
        );

    /// <summary>Of the lab's own API server; another has its own.</summary>
    public static LabProcess Controllers(LabDirectory lab) =>
        Process(lab, "controllers", null, [Programs.Daemon, "controllers", "--kubeconfig", lab.Kubeconfig]);

    public static LabProcess Operator(LabDirectory lab) =>
        Process(
            lab,
            "operator",
            LabNamespaces.Outside(lab),
            [Programs.Operator, "--config", lab.OperatorConfig, "--kubeconfig", lab.NodesKubeconfig]
        );

    /// <summary>Those a lab has: which depends on whose API server it uses.</summary>
    public static IReadOnlyList<LabProcess> Of(LabDirectory lab) =>
        lab.HasOwnApiServer ? [ApiServer(lab), Controllers(lab), Operator(lab)] : [Relay(lab), Operator(lab)];

    /// <summary>Starts them; returns when the nodes can reach the API server.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="kubeconfig">Of an API server that runs already; null for the lab's own.</param>
    /// <param name="cancel">Ends the start.</param>
    public static void Start(LabDirectory lab, string? kubeconfig, CancellationToken cancel)
    {
        LabJson.Save(
            lab.OperatorConfig,
            new OperatorConfig([.. AddressPlan.PodCidrs.Select(p => p.ToString())]),
            LabJson.Default.OperatorConfig
        );
        if (kubeconfig is null)
        {
            Directory.CreateDirectory(lab.ApiServer);
            File.CreateSymbolicLink(lab.Kubeconfig, $"{lab.ApiServer}/kubeconfig");
            File.CreateSymbolicLink(lab.NodesKubeconfig, $"{lab.ApiServer}/nodes.kubeconfig");
            Await(ApiServer(lab), $"{lab.ApiServer}/nodes.kubeconfig", cancel);
            Controllers(lab).Start();
        }
        else
        {
            File.CreateSymbolicLink(lab.Kubeconfig, Path.GetFullPath(kubeconfig));
            Await(Relay(lab), lab.NodesKubeconfig, cancel);
        }

        Operator(lab).Start();
    }

    /// <summary>Starts what writes a file when it serves, and returns when the file is there.</summary>
    public static void Await(LabProcess program, string file, CancellationToken cancel)
    {
        var process = program.Start();
        var giveUp = DateTime.UtcNow + StartPatience;
        while (!File.Exists(file))
        {
            cancel.ThrowIfCancellationRequested();
            if (process.HasEnded())
            {
                throw program.Failed("ended while it started");
            }

            if (DateTime.UtcNow > giveUp)
            {
                throw program.Failed($"does not serve after {StartPatience.TotalSeconds} s");
            }

            Thread.Sleep(5);
        }
    }

    private static LabProcess Process(
        LabDirectory lab,
        string name,
        LabNamespaces? where,
        IReadOnlyList<string> command
    ) => new($"the lab's {name}", lab.Cgroup.Child(name), $"{lab.Root}/{name}.log", where, command);
}
