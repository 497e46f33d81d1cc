using Microsoft.Extensions.Logging;
using Weft.Agent.Addresses;
using Weft.Agent.Configuration;
using Weft.Agent.Metrics;
using Weft.Agent.Peers;
using Weft.Agent.Registration;
using Weft.Agent.Services;

namespace Weft.Agent.Node;

/// <summary>
/// Keeps the node right for its pod prefixes and the other nodes, after each change of these or of the node itself, and
/// knows whether pods may come.
/// </summary>
internal sealed partial class NodeUpkeep
{
    // Long enough for a change that comes in several steps, too short for a person to see.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(20);

    // A drained pool ends when its last address has rested, which nothing announces.
    private static readonly TimeSpan BetweenLooksAtDraining = TimeSpan.FromSeconds(30);

    private readonly NodeSettings settings;
    private readonly NodeNetwork node;
    private readonly NodePools pools;
    private readonly PeersMap peersMap;
    private readonly INodeSource source;
    private readonly NodeServices? services;
    private readonly ILogger logger;
    private readonly Signal changed = new();
    private readonly ChangeLoop loop;
    private volatile string? failure;
    private volatile bool isUp;
    private bool saidNoPodCidrs;

    public NodeUpkeep(
        NodeSettings settings,
        NodeNetwork node,
        NodePools pools,
        PeersMap peersMap,
        INodeSource source,
        NodeServices? services,
        AgentMetrics metrics,
        ILogger logger
    )
    {
        (this.settings, this.node, this.pools, this.peersMap) = (settings, node, pools, peersMap);
        (this.source, this.services, this.logger) = (source, services, logger);
        loop = new ChangeLoop("Making the node right", changed, Settle, TimeProvider.System, logger);
        loop.Applied += metrics.NodeReconciled;
    }

    /// <summary>What the node can say of itself may have changed.</summary>
    public event Action? HealthChanged;

    /// <summary>True when the node has prefixes and was made right for them: pods may come.</summary>
    public bool IsUp => isUp;

    /// <summary>Something about the node or the others may have changed.</summary>
    public void Changed() => changed.Set();

    /// <summary>Makes the node right now.</summary>
    /// <exception cref="Exception">As <see cref="Attempt.IsRefusal"/> has them: it is not right.</exception>
    public void Start() => loop.Apply(MakeRight);

    /// <summary>Makes the node right now, or, where the machine refuses, later.</summary>
    public void StartNowOrLater()
    {
        if (!loop.TryApply(MakeRight))
        {
            changed.Set();
        }
    }

    /// <summary>Makes the node right after each change until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation) =>
        await await Task.WhenAny(
            FollowSourceAsync(cancellation),
            loop.RunAsync(MakeRight, () => pools.IsDraining ? BetweenLooksAtDraining : null, cancellation)
        );

    /// <summary>What the node says of itself; null while that cannot be read.</summary>
    public NodeDeclaration? Declare()
    {
        var health =
            failure is { } reason ? NodeHealth.Failing(reason)
            : !isUp ? NodeHealth.NoPodCidrs
            : peersMap.Behind > 0 ? NodeHealth.PeersMapFull
            : NodeHealth.Up;
        NodeDeclaration? declaration = null;
        Attempt.Try(
            logger,
            () => declaration = NodeDeclaration.Of(settings, node.ReadUnderlay(), source.PodCidrs ?? [], health)
        );
        return declaration;
    }

    private async Task FollowSourceAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await source.WaitForChangeAsync(cancellation);
            changed.Set();
        }
    }

    /// <summary>
    /// New prefixes are routed before pods get addresses from them. A node that was never told its prefixes stays as it
    /// is: pods of before may depend on what is there.
    /// </summary>
    private void MakeRight()
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
        catch (Exception e) when (Attempt.IsRefusal(e))
        {
            failure = e.Message;
            HealthChanged?.Invoke();
            throw;
        }

        failure = null;
        pools.Change(wanted);
        services?.SetNode(node.Addresses, wanted);
        if (source.IsComplete)
        {
            peersMap.Complete();
        }

        isUp = wanted.Count > 0;
        HealthChanged?.Invoke();
    }

    [LoggerMessage(
        LogLevel.Warning,
        "This node has no pod CIDRs yet: no pod can come; weft-operator writes them into the WeftNode of its name"
    )]
    private partial void LogNoPodCidrs();
}
