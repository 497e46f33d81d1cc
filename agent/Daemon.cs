using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Weft.Agent.Addresses;
using Weft.Agent.Configuration;
using Weft.Agent.Endpoints;
using Weft.Agent.Node;
using Weft.Agent.Peers;
using Weft.Agent.Server;
using Weft.Bpf;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Netlink;

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

    private readonly Channel<bool> nodeChanged = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    public async Task RunAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(settings.RunDirectory);
        using var only = TakeLock();
        BpfFileSystem.EnsureMounted(settings.BpfDirectory);
        using var datapath = LoadedDatapath.Load(settings.BpfDirectory);
        var mechanism = TcHook.Probe();
        var pools = new NodePools(settings.PodCidrs, settings.AddressCoolDown, TimeProvider.System);
        var peersMap = new PeersMap(datapath.Peers, new DesiredPeers(settings.NodeName), TimeProvider.System, logger);
        var node = new NodeNetwork(settings, datapath, peersMap, mechanism, logger);
        var removal = new LinkRemoval();
        var endpoints = new EndpointTable(
            datapath,
            new PodLink(datapath.Programs.FromPod),
            removal,
            pools,
            new EndpointFiles(settings.RunDirectory),
            node,
            _ => ReservedIdentity.Unmanaged,
            TimeProvider.System,
            logger
        );
        using var peers = new PeerDirectory(settings.PeersDirectory, settings.PodCidrs, settings.NodeName, logger);

        // Both watches begin before the first reading: what changes in between is not missed.
        using var monitor = RouteMonitor.Open();
        peers.Watch();
        Reconcile(node, pools, peers);
        peersMap.Complete();
        endpoints.Restore();

        using var server = new AgentServer(
            Path.Combine(settings.RunDirectory, WeftPaths.SocketName),
            endpoints,
            () => StateReport.Make(settings, node, endpoints, pools, datapath),
            logger
        );
        server.Listen();
        LogReady(settings.NodeName, settings.RoutingMode, mechanism);
        // None of them ends by itself: the first that does has failed, and the agent with it.
        await await Task.WhenAny(
            KeepNodeRightAsync(() => Reconcile(node, pools, peers), cancellation),
            FollowPeersAsync(peers, cancellation),
            FollowKernelAsync(monitor, removal, endpoints, cancellation)
        );
    }

    /// <summary>Two agents on one node would undo each other's work.</summary>
    private FileStream TakeLock()
    {
        var path = Path.Combine(settings.RunDirectory, "agent.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new ConfigException(
                $"another agent runs with \"runDirectory\" {settings.RunDirectory}; stop it first ({e.Message})"
            );
        }
    }

    /// <summary>
    /// Makes the node right for its prefixes and peers. New prefixes are routed before pods get addresses from them. A
    /// node that was never told its prefixes stays as it is: pods of before may depend on what is there.
    /// </summary>
    private static void Reconcile(NodeNetwork node, NodePools pools, INodeSource source)
    {
        if (source.PodCidrs is { } wanted)
        {
            node.Reconcile(() => (pools.With(wanted), source.Read()));
            pools.Change(wanted);
        }
    }

    /// <summary>Reconciles after every change; several at once are one. What fails is tried again, ever less often.</summary>
    private async Task KeepNodeRightAsync(Action reconcile, CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (true)
        {
            await nodeChanged.Reader.ReadAsync(cancellation);
            await Task.Delay(Settle, cancellation);
            nodeChanged.Reader.TryRead(out _);
            if (Try(reconcile))
            {
                pause = FirstPause;
                continue;
            }

            await Task.Delay(pause, cancellation);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            NodeChanged();
        }
    }

    private async Task FollowPeersAsync(INodeSource peers, CancellationToken cancellation)
    {
        while (true)
        {
            await peers.WaitForChangeAsync(cancellation);
            NodeChanged();
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
                    NodeChanged();
                    break;
                case LinkRemoved or AddressAdded or AddressRemoved:
                case RouteAdded { Route: var added } when ConcernsNode(added):
                case RouteRemoved { Route: var removed } when ConcernsNode(removed):
                    NodeChanged();
                    break;
            }
        }
    }

    /// <summary>A default route decides which devices lead outside; one of ours may have been taken away by somebody.</summary>
    private static bool ConcernsNode(Route route) =>
        route.Destination.Length == 0 || route.Protocol == NodePlan.RouteProtocol;

    private void NodeChanged() => nodeChanged.Writer.TryWrite(true);

    private bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (e is NetlinkException or BpfException or IOException or ConfigException)
        {
            LogFailed(e);
            return false;
        }
    }

    [LoggerMessage(
        LogLevel.Information,
        "Node {Node} is ready: {RoutingMode} routing, programs attached by {Mechanism}"
    )]
    private partial void LogReady(string node, RoutingMode routingMode, TcMechanism mechanism);

    [LoggerMessage(LogLevel.Error, "Following a change failed; it is tried again")]
    private partial void LogFailed(Exception exception);
}
