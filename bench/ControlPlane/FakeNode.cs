using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Resources;

namespace Weft.Bench.ControlPlane;

/// <summary>
/// A node that is API objects alone: its pods, and the slice that its agent would write. One caller at a time.
/// </summary>
internal sealed class FakeNode(string name, KubernetesClient client, ClusterWatch watch)
{
    // The annotations and fields that a real pod has besides make its JSON about so long.
    private const int Ballast = 3000;
    private const int FirstAddress = 2;
    private const int Addresses = 250;
    private static readonly string Text = new('x', Ballast);
    private readonly Queue<(FakePod Pod, WeftEndpoint Endpoint)> pods = [];
    private WeftEndpointSlice? slice;
    private int made;

    public string Name => name;

    /// <summary>Makes a pod, and has it in the slice by the next <see cref="PublishAsync"/>.</summary>
    public async Task AddAsync(FakePod pod, CancellationToken cancel)
    {
        await client.CreateAsync(Kinds.Pods, Manifest(pod), cancel);
        var (identity, _) = await watch.IdentityAsync(pod.Namespace, pod.App, cancel);
        var number = FirstAddress + made++ % Addresses;
        var cidrs = watch.Nodes.Get(new ObjectKey(null, name))!.Spec!.PodCidrs!;
        pods.Enqueue(
            (
                pod,
                new WeftEndpoint
                {
                    Namespace = pod.Namespace,
                    Pod = pod.Name,
                    Ips = [.. cidrs.Select(cidr => Prefix.Parse(cidr).First.Add((uint)number).ToString())],
                    Identity = identity,
                }
            )
        );
    }

    /// <summary>Deletes the oldest pod, at once: no kubelet has to agree.</summary>
    public async Task RemoveAsync(CancellationToken cancel)
    {
        var (pod, _) = pods.Dequeue();
        await client.DeleteAsync(
            Kinds.Pods,
            new ObjectKey(pod.Namespace, pod.Name),
            new DeleteOptions { GracePeriodSeconds = 0 },
            cancel
        );
    }

    /// <summary>Writes the slice, as one change however many pods came and went.</summary>
    public async Task PublishAsync(CancellationToken cancel)
    {
        List<WeftEndpoint> endpoints = [.. pods.Select(entry => entry.Endpoint)];
        slice = slice is null
            ? await client.CreateAsync(
                WeftResources.EndpointSlices,
                new WeftEndpointSlice
                {
                    Metadata = new ObjectMeta
                    {
                        Name = $"{name}-0",
                        Labels = new Dictionary<string, string> { [WeftGroup.NodeLabel] = name },
                    },
                    NodeName = name,
                    Endpoints = endpoints,
                },
                cancel
            )
            : await client.ReplaceAsync(WeftResources.EndpointSlices, slice with { Endpoints = endpoints }, cancel);
    }

    private Pod Manifest(FakePod pod) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = pod.Namespace,
                Name = pod.Name,
                Labels = new Dictionary<string, string> { [ClusterWatch.Label] = pod.App, ["pod"] = pod.Name },
                Annotations = new Dictionary<string, string> { ["ballast"] = Text },
            },
            Spec = new PodSpec { NodeName = name, Containers = [new Container { Name = "main", Image = "host" }] },
        };
}

/// <summary>A pod that nothing runs of. Namespace and app are its identity.</summary>
internal sealed record FakePod(string Namespace, string Name, string App);
