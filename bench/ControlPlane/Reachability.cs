using System.Diagnostics;
using System.Text.Json.Nodes;
using Weft.Bench.Plugins;
using Weft.Bench.Results;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab;
using Weft.Net;

namespace Weft.Bench.ControlPlane;

/// <summary>
/// From the start of ADD on one node until the other node's programs know the pod by its identity. The Pod object is there
/// before, as it is with a kubelet.
/// </summary>
internal static class Reachability
{
    private const string Space = "bench";
    private const string App = "app0";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task MeasureAsync(
        BenchLab lab,
        KubernetesClient client,
        ClusterWatch watch,
        int pods,
        ResultList results,
        CancellationToken cancel
    )
    {
        await client.CreateAsync(
            Kinds.Namespaces,
            new Namespace { Metadata = new ObjectMeta { Name = Space } },
            cancel
        );
        using var far = new PeersOfNode(lab.Agent(2), lab.Node(2).Name, watch);
        var plugin = CniPlugin.Weft(Programs.Plugin);
        List<double> delays = [];
        for (var number = 1; number <= pods; number++)
        {
            var pod = lab.MakeSandbox($"p{number}");
            await client.CreateAsync(Kinds.Pods, Manifest(pod.Name, lab.Node(1).Name), cancel);
            var (identity, _) = await watch.IdentityAsync(Space, App, cancel);
            var start = Stopwatch.GetTimestamp();
            var exit = lab.InNode(1).Run(() => plugin.Call("ADD", pod));
            if (exit.Status != 0)
            {
                throw new BenchException($"ADD of {pod.Name} failed: {exit.Output.Trim()}");
            }

            var addresses = JsonNode.Parse(exit.Output)!["ips"]!
                .AsArray()
                .Select(ip => Prefix.Parse((string)ip!["address"]!).Address);
            delays.Add(UntilKnown(far, [.. addresses], identity, start));
        }

        double[] sorted = [.. delays.Order()];
        results.Add("ADD to known by identity elsewhere, median", sorted.Quantile(0.5), "ms");
        results.Add(Names.Reachable, sorted.Quantile(0.99), "ms");
    }

    private static double UntilKnown(PeersOfNode far, IReadOnlyList<Ip> pod, uint identity, long start)
    {
        while (!pod.All(ip => far.IdentityOf(ip) == identity))
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new BenchException($"{pod[0]} is not known on the other node after {Patience.TotalSeconds} s");
            }

            Thread.Sleep(1);
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static Pod Manifest(string name, string node) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = Space,
                Name = name,
                Labels = new Dictionary<string, string> { [ClusterWatch.Label] = App },
            },
            Spec = new PodSpec { NodeName = node, Containers = [new Container { Name = "main", Image = "host" }] },
        };
}
