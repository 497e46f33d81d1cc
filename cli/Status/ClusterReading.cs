using Weft.Cli.Agents;
using Weft.Contracts;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab;
using Weft.Resources;

namespace Weft.Cli.Status;

/// <summary>All that a status is made of, as it was at one moment.</summary>
/// <param name="Nodes">The cluster's nodes.</param>
/// <param name="WeftNodes">What agents and operator say of them.</param>
/// <param name="Operator">The operator's Lease.</param>
/// <param name="IPPools">Pools of pods' addresses.</param>
/// <param name="LoadBalancerPools">Pools of Services' addresses.</param>
/// <param name="Agents">What the agents say, as far as they could be asked.</param>
/// <param name="At">When.</param>
internal sealed record ClusterReading(
    IReadOnlyList<Node> Nodes,
    IReadOnlyList<WeftNode> WeftNodes,
    Lease? Operator,
    IReadOnlyList<WeftIPPool> IPPools,
    IReadOnlyList<WeftLoadBalancerPool> LoadBalancerPools,
    IReadOnlyList<AgentAnswer> Agents,
    DateTimeOffset At
)
{
    private const string OperatorLease = "weft-operator";

    /// <exception cref="CommandException">Weft is not installed there.</exception>
    public static async Task<ClusterReading> TakeAsync(
        LabDirectory? lab,
        KubernetesClient client,
        CancellationToken cancel
    )
    {
        var nodes = AllAsync(Kinds.Nodes);
        var weftNodes = AllAsync(WeftResources.Nodes);
        var leases = AllAsync(Kinds.Leases, $"metadata.name={OperatorLease}");
        var pools = AllAsync(WeftResources.IPPools);
        var loadBalancers = AllAsync(WeftResources.LoadBalancerPools);
        var agents = await LiveAgents.AskAllAsync(
            await LiveAgents.FindAsync(lab, client, cancel),
            new AgentRequest(AgentVerb.State),
            cancel
        );
        try
        {
            return new ClusterReading(
                await nodes,
                await weftNodes,
                await leases is [var lease, ..] ? lease : null,
                await pools,
                await loadBalancers,
                agents,
                DateTimeOffset.UtcNow
            );
        }
        catch (KubernetesException e) when (e.IsNotFound)
        {
            throw new CommandException(
                "the cluster has no kinds of weft.dev, so Weft is not installed there: see docs/install.md, or name another cluster with --kubeconfig"
            );
        }

        async Task<IReadOnlyList<T>> AllAsync<T>(Resource<T> resource, string? fields = null)
            where T : class, IKubernetesObject =>
            (await client.ListAsync(resource, new ListOptions { FieldSelector = fields }, cancel)).Items ?? [];
    }
}
