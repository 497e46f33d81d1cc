using System.Net;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Connectivity;

/// <summary>
/// Tries every path of a cluster by pods in a namespace of its own, with nothing but the API: what clients find out, they
/// tell by how their containers end.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="options">How.</param>
/// <param name="progress">Is told each step.</param>
public sealed class ConnectivityTest(KubernetesClient client, ConnectivityOptions options, Action<string> progress)
{
    private static readonly TimeSpan CleanUpPatience = TimeSpan.FromSeconds(60);

    /// <summary>The namespace.</summary>
    public string Space { get; } = $"weft-connectivity-{Guid.NewGuid().ToString("N")[..6]}";

    /// <summary>Tries all paths, and removes what it made whatever happens.</summary>
    /// <exception cref="ConnectivityException">It cannot be tested.</exception>
    public async Task<IReadOnlyList<PathResult>> RunAsync(CancellationToken cancel)
    {
        var nodes = await NodesAsync(cancel);
        var (here, there) = (nodes[0], nodes.ElementAtOrDefault(1));
        progress($"nodes: {here.Name}{(there is null ? "" : $", {there.Name}")}; namespace: {Space}");
        try
        {
            // Made even if the answer is lost: from here on there is something to remove.
            await client.CreateAsync(Kinds.Namespaces, Pods.Space(Space), cancel);
            var cluster = await StartServersAsync(here, there, cancel);
            var paths = Paths.Of(cluster, options);
            progress($"servers run; {paths.Count} paths are tried");
            var clients = Pods.Clients(Space, cluster, paths, options);
            await CreateAsync(clients, cancel);
            var ended = await new PodWatch(client, Space).UntilAsync(
                clients,
                pod => pod.Status?.Phase is "Succeeded" or "Failed",
                options.StartPatience + options.PathPatience,
                cancel
            );
            return [.. Findings.Of(Space, paths, ended), .. Paths.Missing(cluster, options)];
        }
        finally
        {
            if (!options.Keep)
            {
                await CleanUpAsync();
            }
        }
    }

    private async Task<IReadOnlyList<TestNode>> NodesAsync(CancellationToken cancel)
    {
        var nodes = (await client.ListAsync(Kinds.Nodes, new ListOptions(), cancel)).Items ?? [];
        var ready = nodes
            .Where(node =>
                node.Spec?.Unschedulable != true
                && node.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true
            )
            .OrderBy(node => node.Metadata.Name, StringComparer.Ordinal)
            .Take(2)
            .Select(node => new TestNode(node.Metadata.Name!, Addresses(node)))
            .ToList();
        return ready.Count > 0
            ? ready
            : throw new ConnectivityException(
                "no node is ready for pods: see `kubectl get nodes`, and `weft status` for what Weft misses there"
            );
    }

    private static IReadOnlyList<IPAddress> Addresses(Node node) =>
        [
            .. (node.Status?.Addresses ?? [])
                .Where(address => address.Type == "InternalIP")
                .Select(address => IPAddress.Parse(address.Address))
                .DistinctBy(address => address.AddressFamily),
        ];

    private async Task<Topology> StartServersAsync(TestNode here, TestNode? there, CancellationToken cancel)
    {
        // The policy first: no moment without it.
        await client.CreateAsync(Kinds.NetworkPolicies, Pods.Policy(Space), cancel);
        var service = await client.CreateAsync(Kinds.Services, Pods.Service(Space), cancel);
        var servers = Pods.Servers(Space, here, there, options);
        await CreateAsync(servers, cancel);
        var watch = new PodWatch(client, Space);
        var running = await watch.UntilAsync(servers, IsRunning, options.StartPatience, cancel);
        foreach (var server in servers)
        {
            if (!running.TryGetValue(server.Metadata.Name!, out var pod) || !IsRunning(pod))
            {
                throw new ConnectivityException(
                    $"pod {server.Metadata.Name} does not run on {server.Spec!.NodeName} after {options.StartPatience.TotalSeconds} s: {Findings.Waiting(pod)}. See `weft status`; with --keep, `kubectl describe pod -n {Space} {server.Metadata.Name}`"
                );
            }
        }

        var dns = await client.FindAsync(Kinds.Services, new ObjectKey("kube-system", "kube-dns"), cancel);
        return new Topology(
            here,
            there,
            running.ToDictionary(pod => pod.Key, pod => Parse(pod.Value.Status?.PodIPs?.Select(ip => ip.Ip))),
            Parse(service.Spec?.ClusterIPs),
            service.Spec?.Ports?.FirstOrDefault(port => port.Protocol == "TCP")?.NodePort ?? 0,
            Parse(dns?.Spec?.ClusterIPs)
        );
    }

    /// <summary>It would be "Failed" at once if its program could not serve, so running is serving, or will be.</summary>
    private static bool IsRunning(Pod pod) => pod.Status is { Phase: "Running", PodIPs.Count: > 0 };

    private static IReadOnlyList<IPAddress> Parse(IEnumerable<string?>? addresses) =>
        [.. (addresses ?? []).OfType<string>().Select(IPAddress.Parse)];

    /// <summary>In a new namespace the account that pods run as comes a moment later.</summary>
    private async Task CreateAsync(IReadOnlyList<Pod> pods, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(options.StartPatience);
        await Task.WhenAll(pods.Select(CreateAsync));

        async Task CreateAsync(Pod pod)
        {
            while (true)
            {
                try
                {
                    await client.CreateAsync(Kinds.Pods, pod, limit.Token);
                    return;
                }
                catch (KubernetesException e)
                    when (e.IsForbidden && e.Message.Contains("serviceaccount", StringComparison.Ordinal))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
                }
            }
        }
    }

    private async Task CleanUpAsync()
    {
        progress($"removing namespace {Space}");
        using var limit = new CancellationTokenSource(CleanUpPatience);
        var key = new ObjectKey(null, Space);
        try
        {
            await client.DeleteAsync(Kinds.Namespaces, key, null, limit.Token);
            while (await client.FindAsync(Kinds.Namespaces, key, limit.Token) is not null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
            }
        }
        catch (KubernetesException e) when (e.IsNotFound)
        {
            // It was never made.
        }
        catch (OperationCanceledException)
        {
            throw new ConnectivityException(
                $"namespace {Space} is still there after {CleanUpPatience.TotalSeconds} s: see `kubectl get namespace {Space} -o yaml`"
            );
        }
    }
}
