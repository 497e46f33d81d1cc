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
    public async Task RunAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(settings.RunDirectory);
        using var only = TakeLock();
        BpfFileSystem.EnsureMounted(settings.BpfDirectory);
        using var datapath = LoadedDatapath.Load(settings.BpfDirectory);
        var mechanism = TcHook.Probe();
        var pools = new NodePools(settings.PodCidrs, settings.AddressCoolDown, TimeProvider.System);
        var node = new NodeNetwork(settings, datapath, mechanism, pools.Gateways, logger);
        var endpoints = new EndpointTable(
            datapath,
            new PodLink(datapath.Programs.FromPod, mechanism),
            pools,
            new EndpointFiles(settings.RunDirectory),
            node,
            TimeProvider.System,
            logger
        );
        using var peers = settings.PeersDirectory is { } directory
            ? new PeerDirectory(directory, settings.NodeName, logger)
            : null;

        // Both watches begin before the first reading: what changes in between is not missed.
        using var monitor = RouteMonitor.Open();
        peers?.Watch();
        node.Reconcile(() => peers?.Read() ?? []);
        endpoints.Restore();

        using var server = new AgentServer(
            Path.Combine(settings.RunDirectory, WeftPaths.SocketName),
            endpoints,
            () => StateReport.Make(settings, node, endpoints, pools, datapath),
            logger
        );
        server.Listen();
        LogReady(settings.NodeName, settings.RoutingMode, mechanism);
        await Task.WhenAll(
            FollowPeersAsync(peers, node, cancellation),
            FollowKernelAsync(monitor, peers, node, endpoints, cancellation)
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

    private async Task FollowPeersAsync(PeerDirectory? peers, NodeNetwork node, CancellationToken cancellation)
    {
        while (peers is not null)
        {
            await peers.WaitForChangeAsync(cancellation);
            Try(() => node.Reconcile(peers.Read));
        }
    }

    /// <summary>Ends endpoints whose links vanish, and follows the node's addresses.</summary>
    private async Task FollowKernelAsync(
        RouteMonitor monitor,
        PeerDirectory? peers,
        NodeNetwork node,
        EndpointTable endpoints,
        CancellationToken cancellation
    )
    {
        await foreach (var change in monitor.Read(cancellation))
        {
            switch (change)
            {
                case LinkRemoved { Name: var name, Index: var index } when HostInterface.IsOurs(name):
                    Try(() => endpoints.DropVanished(index));
                    break;
                case AddressAdded or AddressRemoved:
                    Try(() => node.Reconcile(() => peers?.Read() ?? []));
                    break;
                case Overrun:
                    Try(() => endpoints.DropVanished(null));
                    Try(() => node.Reconcile(() => peers?.Read() ?? []));
                    break;
            }
        }
    }

    /// <summary>What fails here is tried again at the next change; the node goes on as it is.</summary>
    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is NetlinkException or BpfException or IOException or ConfigException)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(
        LogLevel.Information,
        "Node {Node} is ready: {RoutingMode} routing, programs attached by {Mechanism}"
    )]
    private partial void LogReady(string node, RoutingMode routingMode, TcMechanism mechanism);

    [LoggerMessage(LogLevel.Error, "Following a change failed; it is tried again with the next one")]
    private partial void LogFailed(Exception exception);
}
