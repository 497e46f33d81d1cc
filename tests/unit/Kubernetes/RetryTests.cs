using System.Net;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class RetryTests
{
    private static readonly ObjectKey Key = new("default", "a");
    private static readonly string A = Clients.ConfigMap("a", 1);

    private static ConfigMap New =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = "default", Name = "a" },
        };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(429, "TooManyRequests")]
    [InlineData(500, "InternalError")]
    [InlineData(503, "ServiceUnavailable")]
    [InlineData(504, "Timeout")]
    public async Task A_read_that_a_busy_server_refuses_is_made_again(int code, string reason)
    {
        var calls = 0;
        await using var server = new ScriptedServer(x =>
            ++calls < 3 ? x.RefuseAsync(code, reason) : x.AnswerAsync(200, A)
        );
        using var client = Clients.Of(server.Connection);

        Assert.Equal("1", (await client.GetAsync(Kinds.ConfigMaps, Key, Cancellation)).Metadata.ResourceVersion);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_read_whose_answer_is_cut_off_or_garbage_is_made_again()
    {
        var calls = 0;
        await using var server = new ScriptedServer(async x =>
        {
            switch (++calls)
            {
                case 1:
                    await x.BeginAsync();
                    await x.SendAsync(A[..20]);
                    x.Cut();
                    break;
                case 2:
                    await x.AnswerAsync(200, "<html>not me</html>");
                    break;
                case 3:
                    x.Cut();
                    break;
                default:
                    await x.AnswerAsync(200, A);
                    break;
            }
        });
        using var client = Clients.Of(server.Connection);

        Assert.Equal("a", (await client.GetAsync(Kinds.ConfigMaps, Key, Cancellation)).Metadata.Name);
    }

    [Fact]
    public async Task A_create_whose_answer_is_lost_is_not_made_again()
    {
        await using var server = new ScriptedServer(x =>
        {
            x.Cut();
            return Task.CompletedTask;
        });
        using var client = Clients.Of(server.Connection);

        var e = await Assert.ThrowsAsync<KubernetesException>(() =>
            client.CreateAsync(Kinds.ConfigMaps, New, Cancellation)
        );
        Assert.True(e.IsUnreachable);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_create_that_the_server_was_too_busy_for_is_made_again()
    {
        var calls = 0;
        await using var server = new ScriptedServer(x =>
            ++calls < 2 ? x.RefuseAsync(429, "TooManyRequests") : x.AnswerAsync(201, A)
        );
        using var client = Clients.Of(server.Connection);

        await client.CreateAsync(Kinds.ConfigMaps, New, Cancellation);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_create_that_failed_in_the_server_is_not_made_again()
    {
        await using var server = new ScriptedServer(x => x.RefuseAsync(500, "InternalError"));
        using var client = Clients.Of(server.Connection);

        var e = await Assert.ThrowsAsync<KubernetesException>(() =>
            client.CreateAsync(Kinds.ConfigMaps, New, Cancellation)
        );
        Assert.Equal(HttpStatusCode.InternalServerError, e.Code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_json_patch_is_not_made_again_for_it_may_not_be_idempotent()
    {
        await using var server = new ScriptedServer(x => x.RefuseAsync(503, "ServiceUnavailable"));
        using var client = Clients.Of(server.Connection);

        await Assert.ThrowsAsync<KubernetesException>(() =>
            client.PatchAsync(Kinds.ConfigMaps, Key, Patch.Json("[]"u8.ToArray()), Cancellation)
        );
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_retry_waits_as_long_as_the_server_asks()
    {
        var before = DateTimeOffset.UtcNow;
        var calls = 0;
        await using var server = new ScriptedServer(x =>
            ++calls < 2 ? x.RefuseAsync(429, "TooManyRequests", "no", "Retry-After: 1") : x.AnswerAsync(200, A)
        );
        using var client = Clients.Of(server.Connection);

        await client.GetAsync(Kinds.ConfigMaps, Key, Cancellation);
        Assert.True(DateTimeOffset.UtcNow - before >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_server_that_asks_for_too_long_a_wait_is_told_to_the_caller()
    {
        await using var server = new ScriptedServer(x =>
            x.RefuseAsync(429, "TooManyRequests", "no", "Retry-After: 3600")
        );
        using var client = Clients.Of(server.Connection);

        var e = await Assert.ThrowsAsync<KubernetesException>(() =>
            client.GetAsync(Kinds.ConfigMaps, Key, Cancellation)
        );
        Assert.Equal(TimeSpan.FromHours(1), e.RetryAfter);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Attempts_are_bounded()
    {
        await using var server = new ScriptedServer(x => x.RefuseAsync(500, "InternalError", "broken"));
        using var client = Clients.Of(server.Connection);

        var e = await Assert.ThrowsAsync<KubernetesException>(() =>
            client.GetAsync(Kinds.ConfigMaps, Key, Cancellation)
        );
        Assert.Equal("broken", e.Message);
        Assert.Equal(1 + Clients.Quick.Retries, server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        ScriptedServer? server = null;
        await using var silent = server = new ScriptedServer(_ => Task.Delay(Timeout.Infinite, server!.Stopping));
        var limits = Clients.Quick with { Attempt = TimeSpan.FromMilliseconds(50), Retries = 1 };
        using var client = Clients.Of(server.Connection, limits);

        var e = await Assert.ThrowsAsync<KubernetesException>(() =>
            client.GetAsync(Kinds.ConfigMaps, Key, Cancellation)
        );
        Assert.True(e.IsUnreachable);
        Assert.Contains("did not answer in time", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_server_refuses_for_good_is_asked_once_and_told_in_its_words()
    {
        await using var server = new ScriptedServer(x => x.RefuseAsync(409, "Conflict", "somebody was faster"));
        using var client = Clients.Of(server.Connection);

        var e = await Assert.ThrowsAsync<KubernetesException>(() =>
            client.GetAsync(Kinds.ConfigMaps, Key, Cancellation)
        );
        Assert.True(e is { IsConflict: true, IsAlreadyExists: false, Message: "somebody was faster" });
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task An_answer_that_is_not_the_api_servers_is_told_with_its_text()
    {
        await using var server = new ScriptedServer(x => x.AnswerAsync(404, "404 page not found"));
        using var client = Clients.Of(server.Connection);

        Assert.Null(await client.FindAsync(Kinds.ConfigMaps, Key, Cancellation));
        var e = await Assert.ThrowsAsync<KubernetesException>(() =>
            client.GetAsync(Kinds.ConfigMaps, Key, Cancellation)
        );
        Assert.Contains("404 page not found", e.Message, StringComparison.Ordinal);
    }
}
