using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Lab.ApiServer;

namespace Weft.Tests.Unit.ApiServer;

/// <summary>The real server on a loopback port, with a directory of its own that goes with it.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("weft-test-apiserver-").FullName;
    private LabApiServer? server;

    public HttpClient Client { get; private set; } = new();

    public string Folder => directory;

    public static async Task<ServerUnderTest> StartAsync()
    {
        var test = new ServerUnderTest();
        await test.StartServerAsync();
        return test;
    }

    /// <summary>Ends the server and starts it again on what it has left.</summary>
    public async Task RestartAsync()
    {
        await StopServerAsync();
        await StartServerAsync();
    }

    public async Task StopServerAsync()
    {
        Client.Dispose();
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>Sends JSON, or nothing, and gives the code and the JSON that comes back.</summary>
    public async Task<(int Code, JsonNode? Body)> SendAsync(
        string method,
        string path,
        JsonNode? body = null,
        string mediaType = "application/json"
    )
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new(mediaType);
        }

        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text) : text
        );
    }

    /// <summary>The JSON of a request that has to succeed.</summary>
    public async Task<JsonObject> DoAsync(
        string method,
        string path,
        JsonNode? body = null,
        string mediaType = "application/json"
    )
    {
        var (code, answer) = await SendAsync(method, path, body, mediaType);
        Assert.True(code is 200 or 201, $"{method} {path}: {code} {answer}");
        return (JsonObject)answer!;
    }

    public async ValueTask DisposeAsync()
    {
        await StopServerAsync();
        Directory.Delete(directory, recursive: true);
    }

    public HttpClient NewClient(bool authenticated = true)
    {
        var client = new HttpClient(
            new SocketsHttpHandler
            {
                SslOptions = new()
                {
                    CertificateChainPolicy = new()
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        CustomTrustStore =
                        {
                            X509CertificateLoader.LoadCertificateFromFile(Path.Combine(directory, "ca.crt")),
                        },
                        RevocationMode = X509RevocationMode.NoCheck,
                    },
                },
                PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            }
        )
        {
            BaseAddress = Client.BaseAddress,
            Timeout = TimeSpan.FromMinutes(1),
            DefaultRequestVersion = HttpVersion.Version20,
        };
        if (authenticated)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Bearer",
                File.ReadAllText(Path.Combine(directory, "token"))
            );
        }

        client.DefaultRequestHeaders.UserAgent.ParseAdd("raw/1");
        return client;
    }

    private async Task StartServerAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var listener = new Listener(socket, "kubeconfig");
        server = await LabApiServer.StartAsync(
            directory,
            [listener],
            NullLoggerFactory.Instance,
            TestContext.Current.CancellationToken
        );
        Client = new() { BaseAddress = new($"https://{listener.Address}") };
        Client = NewClient();
    }
}
