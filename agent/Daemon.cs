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
    // Counting full maps entry by entry takes a tenth of a second.
    private static readonly TimeSpan BetweenCounts = TimeSpan.FromSeconds(10);

    private readonly AgentMetrics metrics = new();

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
        var upkeep = new NodeUpkeep(settings, node, pools, peersMap, source, cluster?.Services, metrics, logger);
        if (cluster is null)
        {
            upkeep.Start();
        }
        else
        {
            upkeep.StartNowOrLater();
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
        using var cniDirectory = cluster is null ? null : FollowReadiness(cluster, upkeep, peersMap);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var following =
            cluster?.RunAsync(endpoints, upkeep.Declare, stop.Token) ?? Task.Delay(Timeout.Infinite, stop.Token);
        var closing =
            cgroup is not null && cluster?.Services is { } withSockets
                ? new LeftSockets(withSockets, datapath.Sockets, () => endpoints.All, logger).RunAsync(stop.Token)
                : Task.Delay(Timeout.Infinite, stop.Token);
        try
        {
            // None of them ends by itself: the first that does has failed, and the agent with it.
            await await Task.WhenAny(
                upkeep.RunAsync(stop.Token),
                new KernelChanges(monitor, removal, endpoints, upkeep, logger).RunAsync(stop.Token),
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

    /// <summary>The runtime, the Node and the WeftNode are told when pods may come, now that the server listens.</summary>
    private CniDirectory? FollowReadiness(Cluster cluster, NodeUpkeep upkeep, PeersMap peersMap)
    {
        var runtime = new ReadyRuntime(
            settings.Kubernetes!,
            settings.RunDirectory,
            settings.Services is { ReplacesKubeProxy: true },
            logger
        );
        void Tell()
        {
            if (upkeep.IsUp)
            {
                runtime.Announce();
                cluster.Ready();
            }

            cluster.NodeChanged();
        }

        peersMap.HealthChanged += cluster.NodeChanged;
        upkeep.HealthChanged += Tell;
        Tell();
        return runtime.Watch(upkeep.Changed);
    }

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

    [LoggerMessage(
        LogLevel.Information,
        "The agent of node {Node} serves: {RoutingMode} routing, programs attached by {Mechanism}"
    )]
    private partial void LogServing(string node, RoutingMode routingMode, TcMechanism mechanism);

    [LoggerMessage(LogLevel.Information, "Health and metrics are at {Endpoint}")]
    private partial void LogListening(string endpoint);
}
