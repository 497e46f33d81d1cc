using Weft.Bench.Plugins;
using Weft.Bench.Traffic;
using Weft.Kubernetes;
using Weft.Lab;
using Weft.Lab.Linux;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Bench;

/// <summary>A lab of one part of the run. All of it, and whatever is put below its directory, goes with it.</summary>
internal sealed class BenchLab : IDisposable
{
    private BenchLab(LabDirectory lab) => Lab = lab;

    public LabDirectory Lab { get; }

    /// <summary>Nodes and their agents alone.</summary>
    public static BenchLab Start(int nodes, RoutingMode routing, CancellationToken cancel) =>
        Start(new LabShape(nodes, routing, WithoutKubernetes: true), cancel);

    /// <summary>A whole cluster.</summary>
    public static BenchLab StartKubernetes(int nodes, RoutingMode routing, CancellationToken cancel) =>
        Start(new LabShape(nodes, routing), cancel);

    private static BenchLab Start(LabShape shape, CancellationToken cancel)
    {
        var lab = LabDirectory.At($"/var/tmp/weft-bench-{Environment.ProcessId}");
        Cluster.Up(lab, shape, _ => { }, cancel);
        return new BenchLab(lab);
    }

    public NodeFiles Node(int number) => Lab.Node(number);

    public LabNamespaces InNode(int number) => LabNamespaces.Of(Node(number));

    /// <summary>A pod with its network, made by the plugin.</summary>
    public (NetworkNamespace Netns, Ip V4, Ip V6) RunPod(string name, int node)
    {
        var pod = new PodName("bench", name);
        List<Ip> addresses = [.. LabPod.Run(Lab, pod, node, []).Addresses.Select(Ip.Parse)];
        return (
            NetworkNamespace.Open(Lab.Pod(pod).Netns),
            addresses.Find(address => address.IsV4),
            addresses.Find(address => !address.IsV4)
        );
    }

    /// <summary>A pod of the cluster.</summary>
    public TrafficEnd RunClusterPod(string ns, string name, int node)
    {
        var pod = new PodName(ns, name);
        List<Ip> addresses = [.. ClusterPod.Run(Lab, pod, node, []).Select(Ip.Parse)];
        return new TrafficEnd(
            NetworkNamespace.Open(Lab.Pod(pod).Netns),
            addresses.Find(address => address.IsV4),
            addresses.Find(address => !address.IsV4)
        );
    }

    /// <summary>The cluster's API.</summary>
    public KubernetesClient Client() => ClusterState.Client(Lab);

    /// <summary>What a runtime has made before it calls a plugin; the plugin is called by the one who measures.</summary>
    public PluginPod MakeSandbox(string name)
    {
        var pod = Lab.Pod(new PodName("bench", name));
        Underlay.CreatePod(pod);
        return new PluginPod($"bench{Guid.NewGuid():N}", name, pod.Netns);
    }

    public DaemonProcess Agent(int node)
    {
        var inside = MountTable.Below(Node(node).Netns).Select(m => m.Root).ToHashSet();
        var pid = ProcessTable
            .Inside(inside)
            .First(pid => new FileInfo($"/proc/{pid}/exe").LinkTarget == Programs.Agent);
        return new DaemonProcess(pid);
    }

    public void Dispose() => Cluster.Down(Lab);
}
