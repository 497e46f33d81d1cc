using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Weft.Configuration;
using Weft.Kubernetes;
using Weft.Metrics;
using Weft.Operator.Configuration;
using Weft.Operator.Definitions;
using Weft.Operator.Metrics;

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
        var metrics = new OperatorMetrics();
        using var client = new KubernetesClient(
            connection,
            logger,
            $"weft-operator/{OperatorVersion.Text}",
            metrics.Client
        );
        await using var events = new EventRecorder(client, Controller, Environment.MachineName);
        using var loops = new ControlLoops(client, settings, events, metrics, logger);
        var election = new LeaderElection(
            client,
            new LeaderElectionOptions
            {
                Namespace = settings.LeaseNamespace ?? connection.Namespace ?? DefaultNamespace,
                Name = LeaseName,
                Identity = $"{Environment.MachineName}_{Guid.NewGuid():N}",
            }
        );
        metrics.Leads(() => election.IsLeader);

        using var status = new StatusServer(
            settings.Listen,
            metrics.Registry,
            () => loops.HasSynced ? null : "not all objects of the cluster are known yet",
            logger
        );
        LogServing(Listen(status).ToString());
        // None of them ends by itself: the first that does has failed, and the operator with it. The election ends only
        // when nothing is written any more and the Lease is given up.
        await Together.RunAsync(
            cancellation,
            status.RunAsync,
            async stop =>
            {
                await new DefinitionApply(client, logger).RunAsync(stop);
                await Together.RunAsync(stop, loops.FollowAsync, stop => LeadAsync(election, loops, stop));
            }
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
            throw ListenAddress.Refused("listen", settings.Listen, e);
        }
    }

    /// <summary>One that lost the Lease is a candidate again, with its caches as they are.</summary>
    private static async Task LeadAsync(LeaderElection election, ControlLoops loops, CancellationToken cancellation)
    {
        while (true)
        {
            await election.RunAsync(loops.LeadAsync, cancellation);
        }
    }

    [LoggerMessage(LogLevel.Information, "Health and metrics are at {Endpoint}")]
    private partial void LogServing(string endpoint);
}
