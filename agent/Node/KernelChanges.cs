using Microsoft.Extensions.Logging;
using Weft.Agent.Endpoints;
using Weft.Contracts;
using Weft.Netlink;

namespace Weft.Agent.Node;

/// <summary>
/// What the kernel tells of the node's links, addresses and routes: endpoints whose links vanish end, and the node is
/// made right again for what concerns it.
/// </summary>
internal sealed class KernelChanges(
    RouteMonitor monitor,
    LinkRemoval removal,
    EndpointTable endpoints,
    NodeUpkeep node,
    ILogger logger
)
{
    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var change in monitor.Read(cancellation))
        {
            switch (change)
            {
                case LinkRemoved { Name: var name, Index: var index } when HostInterface.IsOurs(name):
                    removal.Announced(name);
                    Attempt.Try(logger, () => endpoints.DropVanished(index));
                    break;
                case Overrun:
                    Attempt.Try(logger, () => endpoints.DropVanished(null));
                    node.Changed();
                    break;
                case LinkRemoved or AddressAdded or AddressRemoved:
                case RouteAdded { Route: var added } when ConcernsNode(added):
                case RouteRemoved { Route: var removed } when ConcernsNode(removed):
                    node.Changed();
                    break;
            }
        }
    }

    /// <summary>A default route decides which devices lead outside; one of ours may have been taken away by somebody.</summary>
    private static bool ConcernsNode(Route route) =>
        route.Destination.Length == 0 || route.Protocol == NodePlan.RouteProtocol;
}
