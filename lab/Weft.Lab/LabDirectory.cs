using System.Globalization;
using Weft.Contracts;
using Weft.Lab.Linux;

namespace Weft.Lab;

/// <summary>
/// Where a lab keeps everything it has. Nothing about a lab is written down that can be seen from the directory and
/// the mounts below it, so nothing can disagree with them.
/// </summary>
public sealed class LabDirectory
{
    /// <summary>Used unless --dir says otherwise.</summary>
    public const string Default = "/var/tmp/weft-lab";

    /// <summary>A unix socket's path has at most 107 bytes, and the agents' sockets are below this directory.</summary>
    private const int LongestPath = 70;

    private const string MarkerName = ".weft-lab";

    private LabDirectory(string path) => Root = path;

    public string Root { get; }

    /// <summary>Says that a lab made this directory, and is locked while a command changes the lab.</summary>
    public string Marker => $"{Root}/{MarkerName}";

    /// <summary>Network namespaces, pinned. Shared with the nodes' mount namespaces, for agents open pods' by path.</summary>
    public string Netns => $"{Root}/netns";

    /// <summary>Mount namespaces, pinned. Private: the kernel refuses to copy such a pin to another mount namespace.</summary>
    public string MountNamespaces => $"{Root}/mntns";

    /// <summary>How people reach the API server from this machine. Only a lab with Kubernetes has it.</summary>
    public string Kubeconfig => $"{Root}/kubeconfig";

    /// <summary>How nodes reach it.</summary>
    public string NodesKubeconfig => $"{Root}/nodes.kubeconfig";

    /// <summary>What the lab's own API server keeps.</summary>
    public string ApiServer => $"{Root}/apiserver";

    public string OperatorConfig => $"{Root}/operator.json";

    /// <summary>False for a lab up without it, whose nodes know of each other by <see cref="Peers"/>.</summary>
    public bool HasKubernetes => new FileInfo(Kubeconfig).LinkTarget is not null;

    /// <summary>False when it uses one that ran already.</summary>
    public bool HasOwnApiServer => Directory.Exists(ApiServer);

    public string Peers => $"{Root}/peers";

    public string Nodes => $"{Root}/nodes";

    public string Pods => $"{Root}/pods";

    /// <summary>All processes of the lab. Named by the directory, so that it is found when that is gone.</summary>
    internal Cgroup Cgroup => Cgroup.Root.Child($"weft-lab{Uri.EscapeDataString(Root)}");

    public string OutsideNetns => $"{Netns}/outside";

    public bool Exists => File.Exists(Marker);

    /// <exception cref="LabException">The path cannot hold a lab.</exception>
    public static LabDirectory At(string path)
    {
        // The mount table holds real paths; the directory itself may not exist yet.
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var parent = Path.GetDirectoryName(full) ?? throw new LabException("/ cannot be a lab's directory");
        if (!Directory.Exists(parent))
        {
            throw new LabException($"{parent} does not exist: create it, or choose another --dir");
        }

        var root = Path.Combine(RealPath.Of(parent), Path.GetFileName(full));
        if (root.Length > LongestPath)
        {
            throw new LabException($"{root} is longer than {LongestPath} characters: choose a shorter --dir");
        }

        if (root.StartsWith("/run/", StringComparison.Ordinal))
        {
            throw new LabException($"each node has its own /run: choose a --dir that is not below it");
        }

        return new LabDirectory(root);
    }

    /// <summary>Whether there is a lab.</summary>
    public static bool IsAt(string path) => File.Exists($"{path}/{MarkerName}");

    /// <summary>As <see cref="At"/>, for a lab that is there.</summary>
    public static LabDirectory Open(string path)
    {
        var directory = At(path);
        return directory.Exists
            ? directory
            : throw new LabException(
                $"no lab in {directory.Root}: start one with `weft lab up --nodes 2`, or name its --dir"
            );
    }

    public NodeFiles Node(int number) => new(this, number);

    /// <exception cref="LabException">The lab has no such node.</exception>
    public NodeFiles ExistingNode(int number) =>
        Directory.Exists(Node(number).Directory)
            ? Node(number)
            : throw new LabException($"this lab has no node {number}, only 1 to {NodeNumbers().Count}");

    public IReadOnlyList<int> NodeNumbers() =>
        [
            .. Directory
                .EnumerateDirectories(Nodes)
                .Select(d => int.Parse(Path.GetFileName(d)["node".Length..], CultureInfo.InvariantCulture))
                .Order(),
        ];

    public PodFiles Pod(PodName name) => new(this, name);

    public IReadOnlyList<PodName> PodNames() =>
        [
            .. Directory
                .EnumerateFiles(Pods, "*.json")
                .Select(f => PodName.FromFileName(Path.GetFileNameWithoutExtension(f)))
                .OrderBy(p => p.ToString(), StringComparer.Ordinal),
        ];
}

/// <summary>The files of one node.</summary>
public sealed record NodeFiles(LabDirectory Lab, int Number)
{
    public string Name { get; } = $"node{Number.ToString(CultureInfo.InvariantCulture)}";

    public string Directory => $"{Lab.Nodes}/{Name}";

    public string Netns => $"{Lab.Netns}/{Name}";

    public string MountNamespace => $"{Lab.MountNamespaces}/{Name}";

    public string Config => $"{Directory}/agent.json";

    public string Log => $"{Directory}/agent.log";

    /// <summary>The node's /run/weft.</summary>
    public string Run => $"{Directory}/run";

    /// <summary>The agent's socket, as seen from outside of the node.</summary>
    public string Socket => $"{Run}/{WeftPaths.SocketName}";

    public string KubeletLog => $"{Directory}/kubelet.log";

    /// <summary>Where the agent puts its CNI configuration and the kubelet finds it: the node's /etc/cni/net.d.</summary>
    public string CniConfig => $"{Directory}/net.d";

    /// <summary>What the agent keeps over restarts: the node's /var/lib/weft.</summary>
    public string State => $"{Directory}/state";

    /// <summary>Directory of the control group that all of the node's processes are in.</summary>
    public string CgroupPath => Cgroup.Path;

    /// <summary>All processes of the node: its agent, its kubelet and, in groups below, its pods.</summary>
    internal Cgroup Cgroup => Lab.Cgroup.Child(Name);

    /// <summary>
    /// Opens sockets as a process of the node would: a socket is for good in the control group that its process was in.
    /// Services are for sockets of these groups.
    /// </summary>
    public void OpenSockets(Action open) =>
        Cgroup.Run(() =>
        {
            open();
            return true;
        });

    /// <summary>A pod's processes, in a group below for each container.</summary>
    internal Cgroup CgroupOf(PodRecord pod) => Cgroup.Child($"pod_{pod.Uid}");

    /// <summary>Where the node's /sys is put together before it is moved into place.</summary>
    public string Sysfs => $"{Directory}/sys";

    public string Peer => $"{Lab.Peers}/{Name}.json";
}

/// <summary>The files of one pod.</summary>
public sealed record PodFiles(LabDirectory Lab, PodName Name)
{
    public string Netns => $"{Lab.Netns}/pod_{Name.FileName}";

    public string Record => $"{Lab.Pods}/{Name.FileName}.json";

    /// <summary>What a pod's command wrote, of a lab without Kubernetes.</summary>
    public string Log => $"{Lab.Pods}/{Name.FileName}.log";

    /// <summary>What a container of a Kubernetes pod wrote.</summary>
    public string LogOf(string container) => $"{Lab.Pods}/{Name.FileName}.{container}.log";

    /// <summary>Deletes what <see cref="Record"/> and the logs are.</summary>
    internal void Delete()
    {
        foreach (var log in System.IO.Directory.EnumerateFiles(Lab.Pods, $"{Name.FileName}.*log"))
        {
            File.Delete(log);
        }

        File.Delete(Record);
    }
}
