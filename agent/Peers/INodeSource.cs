using Weft.Net;

namespace Weft.Agent.Peers;

/// <summary>Where a node learns its own pod prefixes and the other nodes: from files, or from Kubernetes.</summary>
internal interface INodeSource
{
    /// <summary>Prefixes of this node's pods; null when it was never told any.</summary>
    IReadOnlyList<Prefix>? PodCidrs { get; }

    /// <summary>True when everything is known that there is: what is not named can be removed.</summary>
    bool IsComplete { get; }

    /// <summary>All other nodes, in the order of their names.</summary>
    IReadOnlyList<Peer> Read();

    /// <summary>Returns when something has changed since the last return.</summary>
    Task WaitForChangeAsync(CancellationToken cancellation);
}
