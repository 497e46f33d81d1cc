using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Weft.Kubernetes;
using Weft.Kubernetes.Exec;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Kubernetes;

/// <summary>Commands in containers, as the API server relays them.</summary>
public sealed class ExecTests
{
    private const string Failed =
        """{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}""";

    [Fact]
    public async Task A_commands_words_and_proof_arrive_and_its_output_comes_back()
    {
        using var server = new HttpListener();
        var root = Listen(server);
        var serving = ServeAsync(
            server,
            "\u0001half ",
            "\u0001an answer",
            "\u0002a word",
            "\u0003{\"status\":\"Success\"}"
        );
        using var client = new KubernetesClient(
            new ClusterConnection { Server = root, Token = "a-token" },
            userAgent: "test"
        );

        var said = await client.ExecAsync(
            new ObjectKey("kube-system", "weft-agent-x"),
            "agent",
            ["weft-agent", "ask", "{\"verb\":\"State\"}"],
            TestContext.Current.CancellationToken
        );

        Assert.Equal(new ExecOutput(0, "half an answer", "a word"), said);
        var request = await serving;
        Assert.Equal("Bearer a-token", request.Headers["Authorization"]);
        Assert.Equal(
            "/api/v1/namespaces/kube-system/pods/weft-agent-x/exec?container=agent&stdout=true&stderr=true&command=weft-agent&command=ask&command=%7B%22verb%22%3A%22State%22%7D",
            request.RawUrl
        );
    }

    [Fact]
    public async Task A_refusal_is_told_as_such()
    {
        using var server = new HttpListener();
        var root = Listen(server);
        var serving = Task.Run(
            async () =>
            {
                var context = await server.GetContextAsync();
                context.Response.StatusCode = (int)HttpStatusCode.Forbidden;
                context.Response.Close();
            },
            TestContext.Current.CancellationToken
        );
        using var client = new KubernetesClient(new ClusterConnection { Server = root });

        var refused = await Assert.ThrowsAsync<KubernetesException>(() =>
            client.ExecAsync(new ObjectKey("a", "b"), "c", ["d"], TestContext.Current.CancellationToken)
        );

        await serving;
        Assert.True(refused.IsForbidden);
    }

    [Fact]
    public void A_command_that_fails_has_its_exit_code()
    {
        var streams = new ExecStreams();
        streams.Take([2, .. "no"u8]);
        streams.Take([3, .. Encoding.UTF8.GetBytes(Failed)]);
        Assert.Equal(new ExecOutput(7, "", "no"), streams.Result());
    }

    [Theory]
    [InlineData("", "ended before its command did")]
    [InlineData("{", "cannot be read")]
    [InlineData("""{"status":"Failure","message":"no such container"}""", "no such container")]
    public void An_end_that_is_none_is_an_error(string end, string problem)
    {
        var streams = new ExecStreams();
        streams.Take([3, .. Encoding.UTF8.GetBytes(end)]);
        Assert.Contains(
            problem,
            Assert.Throws<KubernetesException>(() => streams.Result()).Message,
            StringComparison.Ordinal
        );
    }

    private static Uri Listen(HttpListener server)
    {
        // HttpListener takes no port 0: one that was free a moment ago.
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var root = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        free.Stop();
        server.Prefixes.Add(root.ToString());
        server.Start();
        return root;
    }

    private static async Task<HttpListenerRequest> ServeAsync(HttpListener server, params string[] messages)
    {
        var context = await server.GetContextAsync();
        using var socket = (await context.AcceptWebSocketAsync(ExecStreams.Protocol)).WebSocket;
        foreach (var message in messages)
        {
            await socket.SendAsync(
                Encoding.UTF8.GetBytes(message),
                WebSocketMessageType.Binary,
                endOfMessage: true,
                TestContext.Current.CancellationToken
            );
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", TestContext.Current.CancellationToken);
        return context.Request;
    }
}
