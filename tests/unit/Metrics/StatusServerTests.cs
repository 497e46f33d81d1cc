using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Metrics;
using Weft.Tests.Metrics;

namespace Weft.Tests.Unit.Metrics;

public sealed class StatusServerTests
{
    private readonly Registry registry = new();
    private string? notReady;

    [Fact]
    public async Task Metrics_come_with_the_formats_media_type()
    {
        registry.Counter("events_total", "Events.").Increment();
        await ServeAsync(
            new IPEndPoint(IPAddress.Loopback, 0),
            async client =>
            {
                using var answer = await client.GetAsync(new Uri("/metrics", UriKind.Relative), Cancelled);
                Assert.Equal(
                    "text/plain; version=0.0.4; charset=utf-8",
                    answer.Content.Headers.ContentType!.ToString()
                );
                Assert.Equal(
                    1,
                    ExpositionText.Parse(await answer.Content.ReadAsStringAsync(Cancelled))["events_total"]
                );
            }
        );
    }

    [Fact]
    public async Task A_process_that_is_not_ready_is_alive_and_says_why()
    {
        notReady = "not yet";
        await ServeAsync(
            new IPEndPoint(IPAddress.Loopback, 0),
            async client =>
            {
                Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(client, "/healthz"));
                Assert.Equal((HttpStatusCode.ServiceUnavailable, "not yet\n"), await GetAsync(client, "/readyz"));
                notReady = null;
                Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(client, "/readyz"));
                Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, "/")).Code);
            }
        );
    }

    [Fact]
    public async Task Metrics_that_cannot_be_read_are_an_error_and_the_server_goes_on()
    {
        registry.Gauge("broken", "Broken.", () => throw new InvalidOperationException("the map is gone"));
        await ServeAsync(
            new IPEndPoint(IPAddress.Loopback, 0),
            async client =>
            {
                var (code, text) = await GetAsync(client, "/metrics");
                Assert.Equal((HttpStatusCode.InternalServerError, "the map is gone\n"), (code, text));
                Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "/healthz")).Code);
            }
        );
    }

    [Fact]
    public async Task All_addresses_are_those_of_IPv4_too() =>
        await ServeAsync(
            new IPEndPoint(IPAddress.IPv6Any, 0),
            async client => Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "/healthz")).Code)
        );

    [Fact]
    public async Task Clients_that_say_nothing_leave_room_for_others_when_they_go()
    {
        var silent = new List<TcpClient>();
        await ServeAsync(
            new IPEndPoint(IPAddress.Loopback, 0),
            async client =>
            {
                for (var i = 0; i < 20; i++)
                {
                    var one = new TcpClient();
                    await one.ConnectAsync(IPAddress.Loopback, client.BaseAddress!.Port, Cancelled);
                    silent.Add(one);
                }

                silent.ForEach(one => one.Dispose());
                Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "/healthz")).Code);
            }
        );
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task<(HttpStatusCode Code, string Text)> GetAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Cancelled);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    private async Task ServeAsync(IPEndPoint endpoint, Func<HttpClient, Task> use)
    {
        using var server = new StatusServer(endpoint, registry, () => notReady, NullLogger.Instance);
        var port = server.Listen().Port;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var serving = server.RunAsync(stop.Token);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await use(client);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    }
}
