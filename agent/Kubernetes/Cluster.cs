using Microsoft.Extensions.Logging;
using Weft.Agent.Configuration;
using Weft.Agent.Endpoints;
using Weft.Agent.Identities;
using Weft.Agent.Metrics;
using Weft.Agent.Peers;
using Weft.Agent.Policy;
using Weft.Agent.Publishing;
using Weft.Agent.Readiness;
using Weft.Agent.Registration;
using Weft.Agent.Services;
using Weft.Agent.Snapshot;
using Weft.Configuration;
using Weft.Contracts;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;
using Weft.Services;
using Weft.Services.HostPorts;

namespace Weft.Agent.Kubernetes;

/// <summary>The part of the agent that lives from the Kubernetes API: what it reads, what it writes, and who does it.</summary>
internal sealed class Cluster : IDisposable
{
    // What is younger is lost with the machine; an agent that ends writes it first.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Large = TimeSpan.FromMinutes(1);

    private readonly string name;
    private readonly KubernetesClient client;
    private readonly ApiContact contact;
    private readonly Mirror<KubernetesNode> own;
    private readonly Mirror<WeftNode> nodes;
    private readonly Mirror<RemoteSlice> slices;
    private readonly PodMirrors pods;
    private readonly KnownIdentities known = new();
    private readonly PeersMap peersMap;
    private readonly NodeRegistration registration;
    private readonly SlicePublisher publisher;
    private readonly ReadyNode readyNode;
    private readonly ServiceMirrors? services;
    private readonly HealthChecks? health;
    private readonly List<Func<CancellationToken, Task>> mirrors = [];
    private readonly List<Func<CancellationToken, Task>> snapshots = [];

    /// <summary>Puts the parts together and reads what was written down; asks nobody anything yet.</summary>
    /// <exception cref="ConfigException">There is no way to the API server.</exception>
    public Cluster(
        NodeSettings node,
        KubernetesSettings settings,
        PeersMap peersMap,
        EndpointsMap endpointsMap,
        PolicyMaps policyMaps,
        ServiceMaps? serviceMaps,
        AgentMetrics metrics,
        TimeProvider time,
        ILogger logger
    )
    {
        this.peersMap = peersMap;
        name = node.NodeName;
        client = new KubernetesClient(Connection(settings), logger, $"weft-agent/{AgentVersion.Text}", metrics.Client);
        contact = new ApiContact(client, name, time, logger);
        own = Follow(Kinds.Nodes, fields: $"metadata.name={name}");
        nodes = Follow(WeftResources.Nodes);
        slices = Follow(RemoteSlice.Resource, slice => slice.Trimmed());
        pods = new PodMirrors(
            Follow(Kinds.Pods, PodMirrors.Trimmed, $"spec.nodeName={name}"),
            Follow(Kinds.Namespaces),
            Follow(Kinds.NetworkPolicies),
            Follow(WeftResources.Identities)
        );
        Policy = new NodePolicy(endpointsMap, policyMaps, Inputs(), time, logger);
        Policy.Enforced += metrics.PolicySynced;
        FollowPolicies();
        if (node.Services is { } served)
        {
            services = ServiceObjects();
            Services = new NodeServices(name, served, services, serviceMaps!, time, logger);
            health = new HealthChecks(() => Services.IsInForce, logger);
            Services.HealthChanged += health.Apply;
            Services.Enforced += metrics.ServicesSynced;
        }

        pods.Identities.Changed += known.Apply;
        RemotePods.Follow(slices, known, Policy, peersMap);
        Nodes = new WeftNodes(nodes, name, () => slices.IsFresh && Policy.IsInForce, logger);
        slices.Fresh += Nodes.Completed;
        Policy.TookForce += Nodes.Completed;
        Identities = new PodIdentities(pods, known, client, contact, time, logger);
        registration = new NodeRegistration(name, client, contact, own, nodes, time, logger);
        publisher = new SlicePublisher(name, client, contact, nodes, slices, logger);
        readyNode = new ReadyNode(name, client, contact, own, time, logger);

        peersMap.Seed();
        Keep(settings, Kinds.Namespaces, pods.Namespaces, Soon, logger);
        Keep(settings, Kinds.NetworkPolicies, pods.Policies, Soon, logger);
        Keep(settings, WeftResources.Identities, pods.Identities, Soon, logger);
        Keep(settings, Kinds.Pods, pods.Pods, Soon, logger);
        Keep(settings, WeftResources.Nodes, nodes, Soon, logger);
        Keep(settings, RemoteSlice.Resource, slices, Large, logger);
        if (services is not null)
        {
            Keep(settings, Kinds.Services, services.Services, Soon, logger);
            Keep(settings, Kinds.EndpointSlices, services.Slices, Large, logger);
        }

        RemotePods.Seeded(known, peersMap);
    }

    /// <summary>This node's prefixes and the other nodes.</summary>
    public WeftNodes Nodes { get; }

    /// <summary>Identities of this node's pods.</summary>
    public PodIdentities Identities { get; }

    /// <summary>Network policies on this node.</summary>
    public NodePolicy Policy { get; }

    /// <summary>Services on this node; null when they are not served.</summary>
    public NodeServices? Services { get; }

    /// <summary>What the node says of itself may have changed.</summary>
    public void NodeChanged() => registration.Changed();

    /// <summary>Whether the pod's object wishes that its sockets are given no backends.</summary>
    public bool LeavesSocketsAlone(PodReference pod) =>
        PacketOnlyPods.IsWished(pods.Pods.Get(new ObjectKey(pod.Namespace, pod.Name)));

    /// <summary>The node can serve.</summary>
    public void Ready() => readyNode.Ready();

    /// <summary>Reads and writes until cancelled.</summary>
    /// <param name="endpoints">This node's pods.</param>
    /// <param name="declare">What the node says of itself; null while it knows nothing.</param>
    /// <param name="cancellation">Ends it, after the last snapshot is written.</param>
    public async Task RunAsync(EndpointTable endpoints, Func<NodeDeclaration?> declare, CancellationToken cancellation)
    {
        endpoints.Changed += publisher.Changed;
        await using var recorder = new EventRecorder(client, "weft.dev/agent", name);
        var events = new ObjectEvents(recorder, name, pods, services);
        Policy.Failed += events.NotInForce;
        if (Services is not null)
        {
            void FollowHostPorts() => Services.SetHostPorts(PodHostPorts.Of(endpoints.All));
            endpoints.Changed += FollowHostPorts;
            FollowHostPorts();
            Services.Failed += events.NotServed;
            health!.Failed += events.NotServed;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] parts =
        [
            .. mirrors.Concat(snapshots).Select(part => part(stop.Token)),
            contact.RunAsync(stop.Token),
            registration.RunAsync(declare, stop.Token),
            publisher.RunAsync(() => endpoints.All, stop.Token),
            readyNode.RunAsync(stop.Token),
            Identities.KeepAsync(endpoints, Policy, stop.Token),
            Policy.RunAsync(stop.Token),
            .. Services is null ? (Task[])[] : [Services.RunAsync(stop.Token)],
        ];
        try
        {
            await await Task.WhenAny(parts);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>For people and tools.</summary>
    public ClusterState State()
    {
        var (remote, addresses, waiting) = peersMap.Counts;
        var (published, owed) = publisher.Counts;
        return new ClusterState(
            contact.IsAway ? "away"
                : contact.Since is null ? "not asked yet"
                : "there",
            contact.Since,
            remote,
            addresses,
            known.Count,
            waiting,
            published,
            owed,
            peersMap.Behind
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        health?.Dispose();
        client.Dispose();
    }

    private PolicyInputs Inputs() =>
        new(
            pods.Policies.List,
            () => pods.AreUsable,
            () => pods.AreFresh,
            pod => PolicyAudit.Has(pods, pod),
            peersMap.Identities,
            peersMap.ByIdentity
        );

    private void FollowPolicies()
    {
        // Whoever judges by an identity knows it before anybody has it.
        known.Means += Policy.Identify;
        pods.Policies.Changed += _ => Policy.Changed();
        pods.Pods.Changed += _ => Policy.Changed();
        pods.Namespaces.Changed += _ => Policy.Changed();
        pods.Policies.Fresh += Policy.Changed;
        pods.Pods.Fresh += Policy.Changed;
        pods.Namespaces.Fresh += Policy.Changed;
        pods.Identities.Fresh += Policy.Changed;
        peersMap.Changed += Policy.PeersChanged;
    }

    private ServiceMirrors ServiceObjects() =>
        new(
            Follow(Kinds.Services, ServiceMirrors.Trimmed, labels: ServiceMirrors.Ours),
            Follow(Kinds.EndpointSlices, ServiceMirrors.Trimmed, labels: ServiceMirrors.Ours),
            own
        );

    private static ClusterConnection Connection(KubernetesSettings settings)
    {
        try
        {
            return settings.Kubeconfig is { } path
                ? ClusterConnection.FromKubeconfig(path)
                : ClusterConnection.InCluster();
        }
        catch (ConfigurationException e)
        {
            throw new ConfigException($"\"kubernetes\": there is no way to the API server: {e.Message}");
        }
    }

    private Mirror<T> Follow<T>(
        Resource<T> resource,
        Func<T, T>? trim = null,
        string? fields = null,
        string? labels = null
    )
        where T : class, IKubernetesObject
    {
        var mirror = new Mirror<T>(
            client,
            resource,
            new InformerOptions<T>
            {
                FieldSelector = fields,
                LabelSelector = labels,
                Transform = trim,
            }
        );
        mirrors.Add(mirror.RunAsync);
        return mirror;
    }

    private void Keep<T>(
        KubernetesSettings settings,
        Resource<T> resource,
        Mirror<T> mirror,
        TimeSpan pause,
        ILogger logger
    )
        where T : class, IKubernetesObject
    {
        var snapshot = new SnapshotOf<T>(settings.StateDirectory, resource, mirror, pause, logger);
        snapshot.Load();
        snapshots.Add(snapshot.RunAsync);
    }
}
