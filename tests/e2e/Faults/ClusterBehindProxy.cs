using System.Globalization;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Netlink;
using Weft.Policy.Identities;
using Weft.Resources;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Faults;

/// <summary>
/// A lab of two nodes whose operator and agents reach the API server through a <see cref="FaultyProxy"/>. Kubelets, and
/// the test itself, reach it directly: pods come and go whatever the proxy does.
/// </summary>
internal sealed class ClusterBehindProxy : IAsyncDisposable
{
    private const string Space = "default";
    private const string Label = "app";
    private const uint WholeAddress = 128;

    // The gateway's address on the nodes' network, beside the API server's own port.
    private const string Address = "http://192.0.2.1:7443/";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly int[] Nodes = [1, 2];

    private readonly CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken
    );

    private readonly KubernetesClient client;
    private readonly List<Task> running = [];
    private readonly Informer<Pod> pods;
    private readonly Informer<WeftIdentity> identities;
    private readonly Informer<WeftEndpointSlice> slices;
    private readonly NetworkPolicy policy = new()
    {
        // Another namespace than the pods': what is tested is who they are, not what they may, and pods of which nothing is
        // known yet are closed by any policy of their own namespace.
        Metadata = new ObjectMeta { Namespace = "kube-public", Name = "names-the-label" },
        Spec = new NetworkPolicySpec
        {
            PodSelector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["nobody"] = "has-it" } },
            Ingress =
            [
                new()
                {
                    From =
                    [
                        new()
                        {
                            NamespaceSelector = new LabelSelector(),
                            PodSelector = new LabelSelector
                            {
                                MatchExpressions = [new() { Key = Label, Operator = "Exists" }],
                            },
                        },
                    ],
                },
            ],
        },
    };

    private ClusterBehindProxy(LabUnderTest lab)
    {
        Lab = lab;
        var connection = ClusterConnection.FromKubeconfig($"{lab.Directory}/kubeconfig");
        client = new KubernetesClient(connection);
        using var network = NetworkNamespace.Open($"{lab.Directory}/netns/outside");
        var token = File.ReadAllText($"{lab.Directory}/apiserver/token").Trim();
        Proxy = new FaultyProxy(connection.Server, token, network, new Uri(Address));
        pods = Follow(Kinds.Pods);
        identities = Follow(WeftResources.Identities);
        slices = Follow(WeftResources.EndpointSlices);
    }

    public LabUnderTest Lab { get; }

    public FaultyProxy Proxy { get; }

    /// <summary>Starts the lab, and its operator and agents again, behind the proxy.</summary>
    public static async Task<ClusterBehindProxy> StartAsync()
    {
        var cluster = new ClusterBehindProxy(LabUnderTest.UpWithKubernetes(nodes: Nodes.Length));
        try
        {
            await cluster.client.CreateAsync(Kinds.NetworkPolicies, cluster.policy, cluster.ending.Token);
            var kubeconfig = $"{cluster.Lab.Directory}/nodes.kubeconfig";
            File.Delete(kubeconfig);
            File.WriteAllText(
                kubeconfig,
                $$$"""
                {"apiVersion": "v1", "kind": "Config", "current-context": "proxy",
                 "clusters": [{"name": "proxy", "cluster": {"server": "{{{Address}}}"}}],
                 "contexts": [{"name": "proxy", "context": {"cluster": "proxy"}}]}
                """
            );
            cluster.Lab.Weft("operator", "kill").Succeeded();
            cluster.Lab.Weft("operator", "start").Succeeded();
            foreach (var node in Nodes)
            {
                cluster.Lab.Weft("agent", "kill", "--node", Number(node)).Succeeded();
                cluster.Lab.Weft("agent", "start", "--node", Number(node)).Succeeded();
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates a pod and returns when it runs with its addresses.</summary>
    public async Task RunPodAsync(string name, int node, string app)
    {
        var pod = new Pod
        {
            Metadata = new ObjectMeta
            {
                Namespace = Space,
                Name = name,
                Labels = new Dictionary<string, string> { [Label] = app },
            },
            Spec = new PodSpec
            {
                NodeName = $"node{Number(node)}",
                TerminationGracePeriodSeconds = 1,
                Containers =
                [
                    new Container
                    {
                        Name = "main",
                        Image = "host",
                        Command = ["sleep", "infinity"],
                    },
                ],
            },
        };
        await UntilAsync(
            name,
            found => found is { Status: { Phase: "Running", PodIPs.Count: 2 } },
            () => client.CreateAsync(Kinds.Pods, pod, ending.Token)
        );
    }

    /// <summary>Deletes a pod and returns when it is gone.</summary>
    public async Task DeletePodAsync(string name)
    {
        var key = new ObjectKey(Space, name);
        await UntilAsync(name, found => found is null, () => client.DeleteAsync(Kinds.Pods, key, null, ending.Token));
    }

    /// <summary>Changes what policies see of a pod that runs.</summary>
    public Task RelabelAsync(string name, string app) =>
        client.PatchAsync(
            Kinds.Pods,
            new ObjectKey(Space, name),
            Patch.Merge(
                new System.Text.Json.Nodes.JsonObject
                {
                    ["metadata"] = new System.Text.Json.Nodes.JsonObject
                    {
                        ["labels"] = new System.Text.Json.Nodes.JsonObject { [Label] = app },
                    },
                }
            ),
            ending.Token
        );

    /// <summary>All that slices and peers maps have otherwise than the pods and their identities say.</summary>
    public IReadOnlyList<string> Differences()
    {
        var wanted = Wanted().ToList();
        var published = slices
            .List()
            .SelectMany(slice => slice.Endpoints.Select(e => Line(slice.NodeName, e.Pod, e.Ips, e.Identity)))
            .ToList();
        return
        [
            .. wanted.Except(published).Select(line => $"no slice has {line}"),
            .. published.Except(wanted).Select(line => $"a slice has {line}"),
            .. Nodes.SelectMany(DifferencesOfPeers),
        ];
    }

    /// <summary>No number stands for two identities, and no address is two pods'.</summary>
    public void AssertNothingIsDoubled()
    {
        Assert.Distinct(identities.List().Select(identity => identity.Spec.Id));
        Assert.Distinct(slices.List().SelectMany(slice => slice.Endpoints).SelectMany(endpoint => endpoint.Ips));
        Assert.Distinct(pods.List().SelectMany(pod => pod.Status?.PodIPs ?? []).Select(ip => ip.Ip));
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Proxy.Dispose();
        Lab.Dispose();
        client.Dispose();
        ending.Dispose();
    }

    private IEnumerable<string> Wanted()
    {
        var keys = PolicyKeys.Of([policy]).For(Space);
        foreach (var pod in pods.List())
        {
            var content = IdentityContent.Of(pod, NamespaceLabels, keys)!;
            var identity = identities.Get(new ObjectKey(null, content.Name));
            yield return Line(
                pod.Spec!.NodeName!,
                pod.Metadata.Name!,
                (pod.Status?.PodIPs ?? []).Select(ip => ip.Ip!),
                identity?.Spec.Id ?? 0
            );
        }
    }

    /// <summary>No policy names one of them.</summary>
    private static IReadOnlyDictionary<string, string> NamespaceLabels { get; } = new Dictionary<string, string>();

    private List<string> DifferencesOfPeers(int node)
    {
        using var pinned = PinnedMap.Open<PeerKey, PeerValue>($"/proc/{Lab.Agent(node)}/root/sys/fs/bpf/weft/peers");
        var there = pinned
            .Map.ToDictionary()
            .Where(entry => entry.Key.PrefixLength == WholeAddress && entry.Value.Kind == PeerKind.Pod)
            // The gateways that the other node sends to pods from.
            .Where(entry => entry.Value.Identity != ReservedIdentity.OtherNode)
            .Select(entry => $"{entry.Key.Address.ToIp()} is {entry.Value.Identity}")
            .ToList();
        var wanted = slices
            .List()
            .Where(slice => slice.NodeName != $"node{Number(node)}")
            .SelectMany(slice => slice.Endpoints)
            .SelectMany(endpoint => endpoint.Ips.Select(ip => $"{Ip.Parse(ip)} is {endpoint.Identity}"))
            .ToList();
        return
        [
            .. wanted.Except(there).Select(line => $"peers of node {node} lacks {line}"),
            .. there.Except(wanted).Select(line => $"peers of node {node} has {line}"),
        ];
    }

    /// <summary>Watches, then does what is to have an effect, and returns when it has.</summary>
    private async Task UntilAsync(string pod, Func<Pod?, bool> reached, Func<Task> change)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
        patience.CancelAfter(Patience);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var key = new ObjectKey(Space, pod);
        void Look(Change<Pod> seen)
        {
            if (seen.Key == key && reached(seen.New))
            {
                done.TrySetResult();
            }
        }

        pods.Changed += Look;
        try
        {
            await change();
            await done.Task.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!ending.IsCancellationRequested)
        {
            var last = await client.FindAsync(Kinds.Pods, key, ending.Token);
            Assert.Fail($"{key} did not become what it should: {last?.Status}");
        }
        finally
        {
            pods.Changed -= Look;
        }
    }

    private Informer<T> Follow<T>(Resource<T> resource)
        where T : class, IKubernetesObject
    {
        var informer = new Informer<T>(client, resource);
        running.Add(informer.RunAsync(ending.Token));
        return informer;
    }

    private static string Line(string node, string pod, IEnumerable<string> ips, uint identity) =>
        $"{pod} on {node} with {string.Join(' ', ips.Select(ip => Ip.Parse(ip)).Order())} as {identity}";

    private static string Number(int node) => node.ToString(CultureInfo.InvariantCulture);
}
