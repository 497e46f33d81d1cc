using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Weft.Agent.Addresses;
using Weft.Agent.Configuration;
using Weft.Agent.Endpoints;
using Weft.Agent.Installation;
using Weft.Agent.Kubernetes;
using Weft.Agent.Maps;
using Weft.Agent.Metrics;
using Weft.Agent.Node;
using Weft.Agent.Peers;
using Weft.Agent.Policy;
using Weft.Agent.Readiness;
using Weft.Agent.Registration;
using Weft.Agent.Server;
using Weft.Agent.Services;
using Weft.Bpf;
using Weft.Configuration;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Metrics;
using Weft.Netlink;
using Weft.Policy.Identities;

namespace Weft.Agent;

/// <summary>
/// The running agent: loads the datapath, makes the node and its endpoints right, then serves and follows changes. When
/// it ends, by signal or by force, everything in the kernel stays as it is and goes on working.
/// </summary>
internal sealed partial class Daemon(NodeSettings settings, ILogger logger)
{
    // Long enough for a change that comes in several steps, too short for a person to see.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // Counting full maps entry by entry takes a tenth of a second.
    private static readonly TimeSpan BetweenCounts = TimeSpan.FromSeconds(10);

    private readonly AgentMetrics metrics = new();
    private readonly Signal nodeChanged = new();
    private volatile string? failure;
    private volatile bool isUp;
    private bool saidNoPodCidrs;

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var only = AgentLock.Take(settings.RunDirectory);
        var cgroup = settings.Services is { ReplacesKubeProxy: true } services
            ? CgroupRoot.Of(services.CgroupRoot)
            : null;
        BpfFileSystem.EnsureMounted(settings.BpfDirectory);
        using var datapath = LoadedDatapath.Load(settings.BpfDirectory);
        var mechanism = TcHook.Probe();
        var pools = new NodePools(
            settings.PodCidrs,
            settings.AddressCoolDown,
            TimeProvider.System,
            keepForeign: settings.Kubernetes is not null
        );
        var epoch = new Epoch(datapath.Epoch);
        var endpointsMap = new EndpointsMap(datapath.Endpoints, epoch);
        var peersMap = new PeersMap(
            datapath.Peers,
            new DesiredPeers(settings.NodeName),
            epoch,
            TimeProvider.System,
            logger
        );
        var policyMaps = new PolicyMaps(datapath.Policy, datapath.PolicyBlocks);
        var serviceMaps = settings.Services is null ? null : new ServiceMaps(datapath, TimeProvider.System);
        var node = new NodeNetwork(settings, datapath, peersMap, mechanism, logger);
        using var cluster = settings.Kubernetes is { } kubernetes
            ? new Cluster(
                settings,
                kubernetes,
                peersMap,
                endpointsMap,
                policyMaps,
                serviceMaps,
                metrics,
                TimeProvider.System,
                logger
            )
            : null;
        if (serviceMaps is null)
        {
            ServiceMaps.Clear(datapath);
        }
        else if (cgroup is null)
        {
            LeaveSocketsAlone(settings.Services!.CgroupRoot);
        }
        else if (cluster?.Services is { } served)
        {
            served.TookForce += () => SocketPrograms.Attach(cgroup, datapath.Programs);
        }

        using var files = cluster is null
            ? new PeerDirectory(settings.PeersDirectory, settings.PodCidrs, settings.NodeName, logger)
            : null;
        INodeSource source = cluster is null ? files! : cluster.Nodes;
        var removal = new LinkRemoval();
        var endpoints = new EndpointTable(
            datapath,
            endpointsMap,
            new PodLink(datapath.Programs.FromPod),
            removal,
            pools,
            new EndpointFiles(settings.RunDirectory),
            node,
            new PacketOnlyPods(datapath.PacketOnly, pod => cluster?.LeavesSocketsAlone(pod) == true),
            cluster is null ? _ => ReservedIdentity.Unmanaged : cluster.Identities.Await,
            TimeProvider.System,
            logger
        );

        // Both watches begin before the first reading: what changes in between is not missed.
        using var monitor = RouteMonitor.Open();
        files?.Watch();
        void Reconcile() => Measure(() => MakeRight(node, pools, peersMap, source, cluster));
        if (cluster is null)
        {
            Reconcile();
        }
        else if (!Try(Reconcile))
        {
            nodeChanged.Set();
        }

        peersMap.Seeded();
        endpoints.Restore();

        var live = new LivePolicy(datapath, endpointsMap, epoch, cluster?.Policy, TimeProvider.System);
        using var server = new AgentServer(
            Path.Combine(settings.RunDirectory, WeftPaths.SocketName),
            endpoints,
            () =>
                StateReport.Make(
                    settings,
                    node,
                    endpoints,
                    pools,
                    datapath,
                    policyMaps,
                    serviceMaps,
                    cluster,
                    live,
                    NodeFeatures.Of(mechanism, cgroup is not null, settings.Services?.Xdp == true, node.WithoutXdp)
                ),
            live,
            cluster?.Services is { } ofCluster ? new LiveServices(ofCluster, datapath) : null,
            new LiveMaps(datapath, epoch, cluster?.Policy, cluster?.Services),
            metrics.Cni,
            logger
        );
        new NodeReadings(
            () => endpoints.NotReady,
            () => endpoints.Count,
            pools.State,
            Occasionally(() => StateReport.Maps(datapath, policyMaps, serviceMaps)),
            () => StateReport.Drops(datapath),
            Occasionally(live.Denials),
            live.Follows,
            () => cluster?.State(),
            live.State,
            () => cluster?.Services?.Count()
        ).Register(metrics.Registry);
        using var status = new StatusServer(settings.Listen, metrics.Registry, () => endpoints.NotReady, logger);
        LogListening(Listen(status).ToString());
        // Last: who reaches the agent by it may rely on all else.
        server.Listen();
        LogServing(settings.NodeName, settings.RoutingMode, mechanism);
        if (cluster is not null)
        {
            peersMap.HealthChanged += cluster.NodeChanged;
            Ready(cluster);
        }

        using var cniDirectory = settings.Kubernetes is { } withRuntime ? Watch(withRuntime.CniConfigDirectory) : null;

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var following =
            cluster?.RunAsync(endpoints, () => Declare(node, source, peersMap), stop.Token)
            ?? Task.Delay(Timeout.Infinite, stop.Token);
        var closing =
            cgroup is not null && cluster?.Services is { } withSockets
                ? new LeftSockets(withSockets, datapath.Sockets, () => endpoints.All, logger).RunAsync(stop.Token)
                : Task.Delay(Timeout.Infinite, stop.Token);
        try
        {
            // None of them ends by itself: the first that does has failed, and the agent with it.
            await await Task.WhenAny(
                KeepNodeRightAsync(Reconcile, pools, stop.Token),
                FollowSourceAsync(source, stop.Token),
                FollowKernelAsync(monitor, removal, endpoints, stop.Token),
                peersMap.RetryAsync(stop.Token),
                status.RunAsync(stop.Token),
                closing,
                following
            );
        }
        finally
        {
            await stop.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Removes what an agent left that gave sockets their backends.</summary>
    private static void LeaveSocketsAlone(string? cgroupRoot)
    {
        if (CgroupRoot.Find(cgroupRoot) is { } cgroup)
        {
            SocketPrograms.Detach(cgroup);
        }
    }

    /// <summary>
    /// Makes the node right for its prefixes and peers. New prefixes are routed before pods get addresses from them. A
    /// node that was never told its prefixes stays as it is: pods of before may depend on what is there.
    /// </summary>
    private void MakeRight(NodeNetwork node, NodePools pools, PeersMap peersMap, INodeSource source, Cluster? cluster)
    {
        if (source.PodCidrs is not { } wanted)
        {
            if (!saidNoPodCidrs)
            {
                LogNoPodCidrs();
            }

            saidNoPodCidrs = true;
            return;
        }

        try
        {
            node.Reconcile(() => (pools.With(wanted), source.Read()));
        }
        catch (Exception e) when (IsExpected(e))
        {
            failure = e.Message;
            cluster?.NodeChanged();
            throw;
        }

        failure = null;
        pools.Change(wanted);
        cluster?.Services?.SetNode(node.Addresses, wanted);
        if (source.IsComplete)
        {
            peersMap.Complete();
        }

        isUp = wanted.Count > 0;
        if (cluster is not null)
        {
            Ready(cluster);
        }
    }

    /// <summary>Pods may come: the runtime, the Node and the WeftNode are told, when the server listens.</summary>
    private void Ready(Cluster cluster)
    {
        if (isUp && settings.Kubernetes is { } kubernetes)
        {
            Try(() => Announce(kubernetes));
            cluster.Ready();
        }

        cluster.NodeChanged();
    }

    /// <summary>Weft's configuration comes first, then the others go: the runtime never finds none.</summary>
    private void Announce(KubernetesSettings kubernetes)
    {
        CniConfiguration.Write(kubernetes, settings.RunDirectory, settings.Services is { ReplacesKubeProxy: true });
        if (kubernetes.CniExclusive && OtherNetworks.SetAside(kubernetes.CniConfigDirectory) is { Count: > 0 } others)
        {
            LogSetAside(string.Join(", ", others));
        }
    }

    /// <summary>Without a watch, which a machine has only so many of, the directory is looked at whenever the node changes.</summary>
    private CniDirectory? Watch(string cniConfigDirectory)
    {
        try
        {
            return new CniDirectory(cniConfigDirectory, nodeChanged.Set);
        }
        catch (IOException e)
        {
            LogUnwatched(cniConfigDirectory, e.Message);
            return null;
        }
    }

    private NodeDeclaration? Declare(NodeNetwork node, INodeSource source, PeersMap peersMap)
    {
        var health =
            failure is { } reason ? NodeHealth.Failing(reason)
            : !isUp ? NodeHealth.NoPodCidrs
            : peersMap.Behind > 0 ? NodeHealth.PeersMapFull
            : NodeHealth.Up;
        try
        {
            return NodeDeclaration.Of(settings, node.ReadUnderlay(), source.PodCidrs ?? [], health);
        }
        catch (Exception e) when (IsExpected(e))
        {
            LogFailed(e);
            return null;
        }
    }

    /// <summary>Reconciles after every change; several at once are one. What fails is tried again, ever less often.</summary>
    private async Task KeepNodeRightAsync(Action reconcile, NodePools pools, CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (true)
        {
            // A drained pool ends when its last address has rested, which nothing announces.
            await (
                pools.IsDraining
                    ? nodeChanged.WaitAsync(LongestPause, cancellation)
                    : nodeChanged.WaitAsync(cancellation)
            );
            await Task.Delay(Settle, cancellation);
            nodeChanged.TryTake();
            if (Try(reconcile))
            {
                pause = FirstPause;
                continue;
            }

            await Task.Delay(pause, cancellation);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            nodeChanged.Set();
        }
    }

    private async Task FollowSourceAsync(INodeSource source, CancellationToken cancellation)
    {
        while (true)
        {
            await source.WaitForChangeAsync(cancellation);
            nodeChanged.Set();
        }
    }

    /// <summary>Ends endpoints whose links vanish, and follows what becomes of the node's addresses, routes and devices.</summary>
    private async Task FollowKernelAsync(
        RouteMonitor monitor,
        LinkRemoval removal,
        EndpointTable endpoints,
        CancellationToken cancellation
    )
    {
        await foreach (var change in monitor.Read(cancellation))
        {
            switch (change)
            {
                case LinkRemoved { Name: var name, Index: var index } when HostInterface.IsOurs(name):
                    removal.Announced(name);
                    Try(() => endpoints.DropVanished(index));
                    break;
                case Overrun:
                    Try(() => endpoints.DropVanished(null));
                    nodeChanged.Set();
                    break;
                case LinkRemoved or AddressAdded or AddressRemoved:
                case RouteAdded { Route: var added } when ConcernsNode(added):
                case RouteRemoved { Route: var removed } when ConcernsNode(removed):
                    nodeChanged.Set();
                    break;
            }
        }
    }

    /// <summary>A default route decides which devices lead outside; one of ours may have been taken away by somebody.</summary>
    private static bool ConcernsNode(Route route) =>
        route.Destination.Length == 0 || route.Protocol == NodePlan.RouteProtocol;

    private IPEndPoint Listen(StatusServer status)
    {
        try
        {
            return status.Listen();
        }
        catch (SocketException e)
        {
            throw ListenAddress.Refused("listen", settings.Listen, e);
        }
    }

    private static Func<T> Occasionally<T>(Func<T> read)
        where T : class => new Occasional<T>(BetweenCounts, read, TimeProvider.System).Read;

    private void Measure(Action reconcile)
    {
        var began = Stopwatch.GetTimestamp();
        var succeeded = false;
        try
        {
            reconcile();
            succeeded = true;
        }
        finally
        {
            metrics.NodeReconciled(Stopwatch.GetElapsedTime(began), succeeded);
        }
    }

    private bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (IsExpected(e))
        {
            LogFailed(e);
            return false;
        }
    }

    private static bool IsExpected(Exception e) =>
        e is NetlinkException or BpfException or IOException or UnauthorizedAccessException or ConfigException;

    [LoggerMessage(
        LogLevel.Information,
        "The agent of node {Node} serves: {RoutingMode} routing, programs attached by {Mechanism}"
    )]
    private partial void LogServing(string node, RoutingMode routingMode, TcMechanism mechanism);

    [LoggerMessage(LogLevel.Information, "Health and metrics are at {Endpoint}")]
    private partial void LogListening(string endpoint);

    [LoggerMessage(
        LogLevel.Warning,
        "This node has no pod CIDRs yet: no pod can come; weft-operator writes them into the WeftNode of its name"
    )]
    private partial void LogNoPodCidrs();

    [LoggerMessage(
        LogLevel.Warning,
        "{Directory} cannot be watched; what becomes of it is seen with the node's next change: {Reason}"
    )]
    private partial void LogUnwatched(string directory, string reason);

    [LoggerMessage(LogLevel.Warning, "CNI configurations of other networks are set aside: {Files}")]
    private partial void LogSetAside(string files);

    [LoggerMessage(LogLevel.Error, "Following a change failed; it is tried again")]
    private partial void LogFailed(Exception exception);
}
