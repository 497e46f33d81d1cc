using Microsoft.Extensions.Logging;
using Weft.Agent.Configuration;
using Weft.Agent.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Resources;

namespace Weft.Agent.Peers;

/// <summary>The nodes as their WeftNodes have them. One that makes no sense is reported, and used as far as it does.</summary>
internal sealed partial class WeftNodes : INodeSource
{
    private readonly Signal changed = new();
    private readonly Mirror<WeftNode> nodes;
    private readonly string ownName;
    private readonly Func<bool> podsAreComplete;
    private readonly ILogger logger;
    private IReadOnlyList<Prefix>? podCidrs;

    /// <param name="nodes">All nodes' objects.</param>
    /// <param name="ownName">This node's name.</param>
    /// <param name="podsAreComplete">Whether all pods of the other nodes are known; <see cref="Completed"/> says when.</param>
    /// <param name="logger">For objects that make no sense.</param>
    public WeftNodes(Mirror<WeftNode> nodes, string ownName, Func<bool> podsAreComplete, ILogger logger)
    {
        (this.nodes, this.ownName, this.podsAreComplete, this.logger) = (nodes, ownName, podsAreComplete, logger);
        nodes.Fresh += changed.Set;
        nodes.Changed += change =>
        {
            if (change.Key.Name == ownName)
            {
                TakeOwn(change.New);
            }

            if (Differ(change.Old?.Spec, change.New?.Spec))
            {
                changed.Set();
            }
        };
    }

    /// <summary>
    /// Those of this node's own WeftNode. While there is none, what it last said holds: an object that somebody deletes
    /// must not take the node's pods with it.
    /// </summary>
    public IReadOnlyList<Prefix>? PodCidrs => nodes.IsUsable ? Volatile.Read(ref podCidrs) : null;

    /// <inheritdoc/>
    public bool IsComplete => nodes.IsFresh && podsAreComplete();

    /// <summary>All pods of the other nodes may be known now.</summary>
    public void Completed() => changed.Set();

    /// <inheritdoc/>
    public IReadOnlyList<Peer> Read() =>
        [
            .. nodes
                .List()
                .Where(node => node.Metadata.Name != ownName)
                .OrderBy(node => node.Metadata.Name, StringComparer.Ordinal)
                .Select(ToPeer)
                // One that has not registered yet.
                .Where(peer => peer.Addresses.Count > 0),
        ];

    /// <inheritdoc/>
    public Task WaitForChangeAsync(CancellationToken cancellation) => changed.WaitAsync(cancellation);

    private void TakeOwn(WeftNode? own)
    {
        if (own is null)
        {
            return;
        }

        var prefixes = Prefixes(own).Where(HasRoom).ToList();
        if (prefixes.Count > 0 || podCidrs is not null)
        {
            Volatile.Write(ref podCidrs, prefixes);
        }
    }

    private Peer ToPeer(WeftNode node) =>
        new(
            node.Metadata.Name!,
            [
                .. (node.Spec?.Addresses ?? [])
                    .Select(text => Ip.TryParse(text, out var ip) ? ip : (Ip?)null)
                    .OfType<Ip>(),
            ],
            Prefixes(node)
        );

    private List<Prefix> Prefixes(WeftNode node)
    {
        var prefixes = new List<Prefix>();
        foreach (var text in node.Spec?.PodCidrs ?? [])
        {
            if (Prefix.TryParse(text, out var prefix))
            {
                prefixes.Add(prefix.Network);
            }
            else
            {
                LogNoPrefix(node.Metadata.Name!, text);
            }
        }

        return prefixes;
    }

    private bool HasRoom(Prefix prefix)
    {
        if (ConfigFile.HasRoom(prefix))
        {
            return true;
        }

        LogNoRoom(prefix.ToString());
        return false;
    }

    private static bool Differ(WeftNodeSpec? a, WeftNodeSpec? b) =>
        a is null
        || b is null
        || !(a.Addresses ?? []).SequenceEqual(b.Addresses ?? [])
        || !(a.PodCidrs ?? []).SequenceEqual(b.PodCidrs ?? []);

    [LoggerMessage(
        LogLevel.Error,
        "The WeftNode {Node} has the pod CIDR \"{Text}\", which is no prefix; it is left out"
    )]
    private partial void LogNoPrefix(string node, string text);

    [LoggerMessage(LogLevel.Error, "This node's pod CIDR {Prefix} has no room for a pod; it is left out")]
    private partial void LogNoRoom(string prefix);
}
