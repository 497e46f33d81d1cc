using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Weft.Metrics;

/// <summary>Answers /healthz, /readyz and /metrics.</summary>
/// <param name="endpoint">Where; [::] is all addresses of both families.</param>
/// <param name="registry">What /metrics answers.</param>
/// <param name="notReady">Why the process is not ready; null when it is.</param>
/// <param name="logger">For what cannot be answered.</param>
public sealed partial class StatusServer(IPEndPoint endpoint, Registry registry, Func<string?> notReady, ILogger logger)
    : IDisposable
{
    private const string Plain = "text/plain; charset=utf-8";
    private readonly HttpPort port = new(endpoint, request => Answer(request, registry, notReady, logger), logger);

    /// <summary>Takes the port.</summary>
    /// <returns>The endpoint, with the port that the system chose where the configuration has 0.</returns>
    /// <exception cref="SocketException">Somebody has it, or the address is not this machine's.</exception>
    public IPEndPoint Listen() => port.Listen();

    /// <summary>Serves until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) => port.RunAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose() => port.Dispose();

    private static HttpAnswer Answer(string request, Registry registry, Func<string?> notReady, ILogger logger) =>
        request.Split(' ') switch
        {
            ["GET", "/healthz", ..] => HttpAnswer.Text(HttpAnswer.Ok, Plain, "ok\n"),
            ["GET", "/readyz", ..] => notReady() is { } reason
                ? HttpAnswer.Text(HttpAnswer.Unavailable, Plain, $"{reason}\n")
                : HttpAnswer.Text(HttpAnswer.Ok, Plain, "ok\n"),
            ["GET", "/metrics", ..] => Measure(registry, logger),
            ["GET", ..] => HttpAnswer.Text("404 Not Found", Plain, "there are /healthz, /readyz and /metrics\n"),
            _ => HttpAnswer.Text("405 Method Not Allowed", Plain, "GET only\n"),
        };

    /// <summary>All or nothing: half of the metrics would look like the rest had gone.</summary>
    private static HttpAnswer Measure(Registry registry, ILogger logger)
    {
        try
        {
            return HttpAnswer.Text(HttpAnswer.Ok, Exposition.MediaType, registry.Write());
        }
        catch (Exception e)
        {
            // Whatever a reader fails with, it is no reason to end what is measured.
            LogUnread(logger, e);
            return HttpAnswer.Text("500 Internal Server Error", Plain, $"{e.Message}\n");
        }
    }

    [LoggerMessage(LogLevel.Warning, "The metrics could not be read")]
    private static partial void LogUnread(ILogger logger, Exception exception);
}
