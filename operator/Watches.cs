using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Policy.Checks;
using Weft.Resources;

namespace Weft.Operator;

/// <summary>All that the operator follows, each kind trimmed to what is read of it.</summary>
internal sealed class Watches(KubernetesClient client)
{
    private const string ByNode = "node";
    private const string ByPortNames = "port names";

    /// <summary>Labels, named ports, whether they are on the node's network, whether they have ended.</summary>
    public Informer<Pod> Pods { get; } = new(client, Kinds.Pods, new() { Transform = Trim });

    /// <summary>Labels.</summary>
    public Informer<Namespace> Namespaces { get; } =
        new(client, Kinds.Namespaces, new() { Transform = ns => new Namespace { Metadata = Trim(ns.Metadata) } });

    /// <summary>Whole.</summary>
    public Informer<NetworkPolicy> Policies { get; } =
        new(
            client,
            Kinds.NetworkPolicies,
            new()
            {
                Indexes = new Dictionary<string, Func<NetworkPolicy, IEnumerable<string>>>
                {
                    [ByPortNames] = policy =>
                        policy.Spec is { } spec && MatchChecks.UsesPortNames(spec) ? [policy.Metadata.Namespace!] : [],
                },
            }
        );

    /// <summary>Addresses and pod prefixes.</summary>
    public Informer<Node> Nodes { get; } = new(client, Kinds.Nodes, new() { Transform = Trim });

    /// <summary>Addresses, and what those of load balancers hang on.</summary>
    public Informer<Service> Services { get; } = new(client, Kinds.Services, new() { Transform = Trim });

    /// <summary>Whole.</summary>
    public Informer<WeftNode> WeftNodes { get; } = new(client, WeftResources.Nodes, new());

    /// <summary>Whole.</summary>
    public Informer<WeftIdentity> Identities { get; } = new(client, WeftResources.Identities, new());

    /// <summary>Numbers of identities.</summary>
    public Informer<WeftEndpointSlice> EndpointSlices { get; } =
        new(
            client,
            WeftResources.EndpointSlices,
            new()
            {
                Transform = Trim,
                Indexes = new Dictionary<string, Func<WeftEndpointSlice, IEnumerable<string>>>
                {
                    [ByNode] = slice => [slice.NodeName],
                },
            }
        );

    /// <summary>Whole.</summary>
    public Informer<WeftIPPool> Pools { get; } = new(client, WeftResources.IPPools, new());

    /// <summary>Whole.</summary>
    public Informer<WeftLoadBalancerPool> LoadBalancerPools { get; } =
        new(client, WeftResources.LoadBalancerPools, new());

    /// <summary>A node's slices.</summary>
    public IReadOnlyCollection<WeftEndpointSlice> SlicesOf(string node) => EndpointSlices.ByIndex(ByNode, node);

    /// <summary>Policies of a namespace whose rules name ports.</summary>
    public IReadOnlyCollection<NetworkPolicy> PoliciesWithPortNames(string ns) => Policies.ByIndex(ByPortNames, ns);

    /// <summary>Follows until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) =>
        Together.RunAsync(
            cancellation,
            FollowPodsAsync,
            Namespaces.RunAsync,
            Policies.RunAsync,
            Nodes.RunAsync,
            Services.RunAsync,
            WeftNodes.RunAsync,
            Identities.RunAsync,
            EndpointSlices.RunAsync,
            Pools.RunAsync,
            LoadBalancerPools.RunAsync
        );

    /// <summary>Whether all of them know all that there is.</summary>
    public bool HasSynced =>
        Pods.HasSynced
        && Namespaces.HasSynced
        && Policies.HasSynced
        && Nodes.HasSynced
        && Services.HasSynced
        && WeftNodes.HasSynced
        && Identities.HasSynced
        && EndpointSlices.HasSynced
        && Pools.HasSynced
        && LoadBalancerPools.HasSynced;

    /// <summary>Ends when all of them know all that there is.</summary>
    public Task SyncedAsync(CancellationToken cancellation) =>
        Task.WhenAll(
            Pods.SyncedAsync(cancellation),
            Namespaces.SyncedAsync(cancellation),
            Policies.SyncedAsync(cancellation),
            Nodes.SyncedAsync(cancellation),
            Services.SyncedAsync(cancellation),
            WeftNodes.SyncedAsync(cancellation),
            Identities.SyncedAsync(cancellation),
            EndpointSlices.SyncedAsync(cancellation),
            Pools.SyncedAsync(cancellation),
            LoadBalancerPools.SyncedAsync(cancellation)
        );

    /// <summary>Pods come last: what they are judged by is known then, and no identity is made that nobody needs.</summary>
    private async Task FollowPodsAsync(CancellationToken cancellation)
    {
        await Namespaces.SyncedAsync(cancellation);
        await Policies.SyncedAsync(cancellation);
        await Pods.RunAsync(cancellation);
    }

    private static ObjectMeta Trim(ObjectMeta meta) =>
        new()
        {
            Name = meta.Name,
            Namespace = meta.Namespace,
            Uid = meta.Uid,
            ResourceVersion = meta.ResourceVersion,
            Labels = meta.Labels,
        };

    private static Pod Trim(Pod pod) =>
        new()
        {
            Metadata = Trim(pod.Metadata),
            Spec = new PodSpec
            {
                HostNetwork = pod.Spec?.HostNetwork,
                Containers = NamedPortsOf(pod.Spec?.Containers),
                InitContainers = NamedPortsOf(pod.Spec?.InitContainers),
            },
            Status = pod.Status?.Phase is "Succeeded" or "Failed" ? new PodStatus { Phase = pod.Status.Phase } : null,
        };

    private static List<Container>? NamedPortsOf(IReadOnlyList<Container>? containers) =>
        containers
            ?.Where(container => container.Ports?.Any(port => port.Name is not null) == true)
            .Select(container => new Container
            {
                Name = container.Name,
                Ports = container.Ports,
                RestartPolicy = container.RestartPolicy,
            })
            .ToList()
            is { Count: > 0 } named
            ? named
            : null;

    private static Node Trim(Node node) =>
        new()
        {
            Metadata = Trim(node.Metadata) with { Labels = null },
            Spec = new NodeSpec { PodCIDR = node.Spec?.PodCIDR, PodCIDRs = node.Spec?.PodCIDRs },
            Status = new NodeStatus { Addresses = node.Status?.Addresses },
        };

    private static Service Trim(Service service)
    {
        var isLoadBalancer = service.Spec?.Type == "LoadBalancer";
        return new Service
        {
            Metadata = isLoadBalancer
                ? Trim(service.Metadata) with
                {
                    Annotations = service.Metadata.Annotations,
                    CreationTimestamp = service.Metadata.CreationTimestamp,
                    Generation = service.Metadata.Generation,
                }
                : Trim(service.Metadata) with
                {
                    Labels = null,
                },
            Spec = new ServiceSpec
            {
                Type = service.Spec?.Type,
                ClusterIP = service.Spec?.ClusterIP,
                ClusterIPs = service.Spec?.ClusterIPs,
                LoadBalancerClass = service.Spec?.LoadBalancerClass,
                LoadBalancerIP = service.Spec?.LoadBalancerIP,
                IpFamilies = isLoadBalancer ? service.Spec?.IpFamilies : null,
                Ports = isLoadBalancer ? service.Spec?.Ports : null,
            },
            Status = service.Status,
        };
    }

    private static WeftEndpointSlice Trim(WeftEndpointSlice slice) =>
        slice with
        {
            Metadata = Trim(slice.Metadata),
            Endpoints =
            [
                .. slice
                    .Endpoints.Select(endpoint => endpoint.Identity)
                    .Distinct()
                    .Select(identity => new WeftEndpoint
                    {
                        Namespace = "",
                        Pod = "",
                        Ips = [],
                        Identity = identity,
                    }),
            ],
        };
}
