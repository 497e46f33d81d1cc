using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Weft.Configuration;
using Weft.Kubernetes;
using Weft.Operator.Configuration;
using Weft.Operator.Definitions;
using Weft.Operator.Identities;
using Weft.Operator.Metrics;
using Weft.Operator.Nodes;
using Weft.Operator.Pools;

namespace Weft.Operator;

/// <summary>
/// The running operator. It follows the cluster from its start on; it writes only while it has the Lease. One that waits
/// for the Lease has its caches full already, so a change of leader costs no listing.
/// </summary>
internal sealed partial class Daemon(OperatorSettings settings, ClusterConnection connection, ILogger logger)
{
    private const string Controller = "weft.dev/operator";
    private const string LeaseName = "weft-operator";
    private const string DefaultNamespace = "kube-system";

    public async Task RunAsync(CancellationToken cancellation)
    {
        var identity = $"{Environment.MachineName}_{Guid.NewGuid():N}";
        using var client = new KubernetesClient(connection, logger, $"weft-operator/{OperatorVersion.Text}");
        var metrics = new OperatorMetrics();
        var watches = new Watches(client);
        var events = new EventRecorder(client, Controller, Environment.MachineName);
        var identities = new IdentityReconciler(client, watches, settings, metrics, logger);
        var departed = new DepartedNodes(client, watches, metrics, logger);
        Func<CancellationToken, Task> cidrs =
            settings.Ipam == Ipam.Pool
                ? new PoolReconciler(client, watches, settings, events, metrics, logger).RunAsync
                : new KubernetesCidrs(client, watches, metrics, logger).RunAsync;
        var election = new LeaderElection(
            client,
            new LeaderElectionOptions
            {
                Namespace = settings.LeaseNamespace ?? connection.Namespace ?? DefaultNamespace,
                Name = LeaseName,
                Identity = identity,
            }
        );
        metrics.Gauge("weft_operator_leader", "1 while this operator has the Lease.", () => election.IsLeader ? 1 : 0);

        using var status = new StatusServer(settings.Listen, metrics, logger);
        LogServing(Listen(status).ToString());
        var serving = status.RunAsync(cancellation);
        await new DefinitionApply(client, logger).RunAsync(cancellation);
        // None of them ends by itself: the first that does has failed, and the operator with it.
        await await Task.WhenAny(
            serving,
            watches.RunAsync(cancellation),
            identities.FollowPoliciesAsync(cancellation),
            LeadAgainAsync(
                election,
                async stop =>
                {
                    await watches.SyncedAsync(stop);
                    LogLeading(identity);
                    await await Task.WhenAny(identities.RunAsync(stop), departed.RunAsync(stop), cidrs(stop));
                },
                cancellation
            )
        );
    }

    private System.Net.IPEndPoint Listen(StatusServer status)
    {
        try
        {
            return status.Listen();
        }
        catch (SocketException e)
        {
            throw new ConfigException($"\"listen\": {settings.Listen} cannot be had: {e.Message}; name another port");
        }
    }

    /// <summary>One that lost the Lease is a candidate again, with its caches as they are.</summary>
    private async Task LeadAgainAsync(
        LeaderElection election,
        Func<CancellationToken, Task> lead,
        CancellationToken cancellation
    )
    {
        while (true)
        {
            try
            {
                await election.RunAsync(lead, cancellation);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // What was cut off by the loss of the Lease.
            }

            cancellation.ThrowIfCancellationRequested();
            LogLost();
        }
    }

    [LoggerMessage(LogLevel.Information, "Health and metrics are at {Endpoint}")]
    private partial void LogServing(string endpoint);

    [LoggerMessage(LogLevel.Information, "{Identity} has the Lease and works")]
    private partial void LogLeading(string identity);

    [LoggerMessage(LogLevel.Warning, "The Lease is lost: no writes until it is had again")]
    private partial void LogLost();
}
