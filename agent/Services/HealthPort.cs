using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Weft.Metrics;
using Weft.Services;

namespace Weft.Agent.Services;

/// <summary>Answers a Service's health check by HTTP, whatever it is asked.</summary>
internal sealed class HealthPort : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly HttpPort port;
    private volatile ServiceHealth health;

    /// <exception cref="SocketException">The port is taken.</exception>
    public HealthPort(ServiceHealth health, Func<bool> isHealthy, ILogger logger)
    {
        this.health = health;
        port = new HttpPort(
            new IPEndPoint(IPAddress.IPv6Any, health.Port),
            _ => Answer(this.health, isHealthy()),
            logger
        );
        try
        {
            port.Listen();
        }
        catch
        {
            port.Dispose();
            throw;
        }

        _ = port.RunAsync(stop.Token);
    }

    /// <summary>What is answered.</summary>
    public ServiceHealth Health
    {
        get => health;
        set => health = value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Cancel();
        port.Dispose();
        stop.Dispose();
    }

    private static HttpAnswer Answer(ServiceHealth health, bool isHealthy) =>
        new(
            health.Status(isHealthy) == 200 ? HttpAnswer.Ok : HttpAnswer.Unavailable,
            health.Headers,
            health.Body(isHealthy)
        );
}
