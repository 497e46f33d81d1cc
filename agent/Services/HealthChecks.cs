using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Weft.Kubernetes.Objects;
using Weft.Services;
using Weft.Services.Changes;

namespace Weft.Agent.Services;

/// <summary>Serves the health checks of Services that have one, each on its port of all of the node's addresses.</summary>
internal sealed partial class HealthChecks(Func<bool> isHealthy, ILogger logger) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<ushort, HealthPort> ports = [];

    /// <summary>A Service's health check cannot be served.</summary>
    public event Action<ServiceProblem>? Failed;

    /// <summary>Follows a change.</summary>
    public void Apply(ServiceHealthChange change)
    {
        lock (gate)
        {
            if (
                change.Old is { } old
                && change.New?.Port != old.Port
                && ports.TryGetValue(old.Port, out var there)
                && there.Health.Service == old.Service
            )
            {
                ports.Remove(old.Port);
                there.Dispose();
            }

            if (change.New is { } health)
            {
                Serve(health);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var port in ports.Values)
            {
                port.Dispose();
            }

            ports.Clear();
        }
    }

    private void Serve(ServiceHealth health)
    {
        if (ports.TryGetValue(health.Port, out var there))
        {
            there.Health = health;
            return;
        }

        try
        {
            ports[health.Port] = new HealthPort(health, isHealthy, logger);
        }
        catch (SocketException e)
        {
            LogFailed(health.Service, health.Port, e.Message);
            Failed?.Invoke(
                new ServiceProblem(
                    health.Service,
                    "HealthCheckNodePortTaken",
                    $"healthCheckNodePort {health.Port} cannot be served: {e.Message}; end the process that has the port, or choose another"
                )
            );
        }
    }

    [LoggerMessage(LogLevel.Error, "The health check of {Service} cannot be served on port {Port}: {Reason}")]
    private partial void LogFailed(ObjectKey service, ushort port, string reason);
}
