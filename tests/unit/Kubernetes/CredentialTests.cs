using System.Text.Json.Nodes;
using Weft.Kubernetes;
using Weft.Kubernetes.Credentials;
using Weft.Kubernetes.Objects;
using Weft.Tests.Unit.Agent;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class CredentialTests : IAsyncDisposable
{
    private const string Version = "client.authentication.k8s.io/v1";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("weft-credentials-");
    private readonly Clock clock = new();
    private readonly ScriptedServer server;
    private string accepted = "Bearer t1";

    public CredentialTests() =>
        server = new ScriptedServer(x =>
            x.Headers.GetValueOrDefault("Authorization") == accepted
                ? x.AnswerAsync(200, Clients.ConfigMap("a", 1))
                : x.RefuseAsync(401, "Unauthorized", "Unauthorized")
        );

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_token_file_is_read_again_after_a_minute()
    {
        var file = Write("token", "t1\n");
        using var client = Client(new() { Server = server.Address, TokenFile = file });
        await GetAsync(client);

        Write("token", "t2\n");
        await GetAsync(client);
        (accepted, clock.Now) = ("Bearer t2", clock.Now.AddMinutes(2));
        await GetAsync(client);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_read_again_at_once()
    {
        using var client = Client(new() { Server = server.Address, TokenFile = Write("token", "t1") });
        await GetAsync(client);
        accepted = "Bearer t2";
        Write("token", "t2");
        await GetAsync(client);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task The_last_token_serves_while_its_file_is_away()
    {
        var file = Write("token", "t1");
        using var client = Client(new() { Server = server.Address, TokenFile = file });
        await GetAsync(client);
        File.Delete(file);
        clock.Advance(120);
        await GetAsync(client);
    }

    [Fact]
    public async Task A_fixed_token_that_is_refused_is_told_at_once()
    {
        using var client = Client(new() { Server = server.Address, Token = "wrong" });
        var e = await Assert.ThrowsAsync<KubernetesException>(() => GetAsync(client));
        Assert.True(e.IsUnauthorized);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Basic_authentication_and_impersonation_are_headers()
    {
        IReadOnlyDictionary<string, string>? headers = null;
        await using var open = new ScriptedServer(x =>
        {
            headers = x.Headers;
            return x.AnswerAsync(200, Clients.ConfigMap("a", 1));
        });
        using var client = Client(
            new()
            {
                Server = open.Address,
                Username = "me",
                Password = "pw",
                Impersonate = new("somebody", null, ["g1"], [("scopes", "s1")]),
            }
        );
        await GetAsync(client);
        Assert.Equal("Basic bWU6cHc=", headers!["Authorization"]);
        Assert.Equal("somebody", headers["Impersonate-User"]);
        Assert.Equal("g1", headers["Impersonate-Group"]);
        Assert.Equal("s1", headers["Impersonate-Extra-scopes"]);
        Assert.Equal("weft-test", headers["User-Agent"]);
    }

    [Fact]
    public async Task A_plugin_is_run_once_until_its_credentials_expire()
    {
        using var client = Client(Plugin(Counting("2030-01-01T01:00:00Z")));
        await GetAsync(client);
        await GetAsync(client);
        (accepted, clock.Now) = ("Bearer t2", clock.Now.AddHours(1));
        await GetAsync(client);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_plugin_is_run_again_when_its_credentials_are_refused()
    {
        using var client = Client(Plugin(Counting(null)));
        await GetAsync(client);
        accepted = "Bearer t2";
        await GetAsync(client);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Many_requests_at_once_run_a_plugin_once()
    {
        using var client = Client(Plugin(Counting(null)));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => GetAsync(client)));
        Assert.Equal("x", File.ReadAllText(Path.Combine(folder.FullName, "runs")));
    }

    [Fact]
    public async Task A_plugin_gets_its_arguments_environment_and_the_cluster()
    {
        var plugin = new ExecPlugin
        {
            ApiVersion = Version,
            Command = "/bin/sh",
            Arguments =
            [
                Write(
                    "plugin",
                    """
                    printf '%s' "$KUBERNETES_EXEC_INFO" > "$1"
                    printf '{"apiVersion":"%s","kind":"ExecCredential","status":{"token":"%s"}}' "$2" "$TOKEN"
                    """
                ),
                Path.Combine(folder.FullName, "info with space"),
                Version,
            ],
            Environment = [("TOKEN", "t1")],
            Cluster = new() { Server = "https://c:1", TlsServerName = "c" },
        };
        using var client = Client(new() { Server = server.Address, Exec = plugin });
        await GetAsync(client);

        var info = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.FullName, "info with space")));
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """
                    {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",
                     "spec":{"interactive":false,"cluster":{"server":"https://c:1","tls-server-name":"c"}}}
                    """
                ),
                info
            ),
            info!.ToJsonString()
        );
    }

    [Theory]
    [InlineData("echo oh no >&2; exit 3", "exit code 3: oh no")]
    [InlineData("echo hello", "did not print an ExecCredential")]
    [InlineData(
        "echo '{\"apiVersion\":\"other/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\"}}'",
        "must print an ExecCredential of"
    )]
    [InlineData(
        "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{}}'",
        "neither a token nor a certificate"
    )]
    public async Task A_plugin_that_fails_is_told_with_its_reason(string script, string message)
    {
        using var client = Client(Plugin(script));
        var e = await Assert.ThrowsAsync<ConfigurationException>(() => GetAsync(client));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_is_not_there_is_told_with_its_hint()
    {
        var plugin = new ExecPlugin
        {
            ApiVersion = Version,
            Command = "weft-no-such-plugin",
            InstallHint = "Install it.",
        };
        using var client = Client(new() { Server = server.Address, Exec = plugin });
        var e = await Assert.ThrowsAsync<ConfigurationException>(() => GetAsync(client));
        Assert.EndsWith("Install it.", e.Message, StringComparison.Ordinal);
    }

    /// <summary>A plugin that prints the tokens t1, t2 and so on.</summary>
    private string Counting(string? expires)
    {
        var runs = Path.Combine(folder.FullName, "runs");
        var end = expires is null ? "" : $",\"expirationTimestamp\":\"{expires}\"";
        return $$$"""
            printf x >> "{{{runs}}}"
            read -r runs < "{{{runs}}}"
            printf '{"apiVersion":"{{{Version}}}","kind":"ExecCredential","status":{"token":"t%s"{{{end}}} }}' "${#runs}"
            """;
    }

    private ClusterConnection Plugin(string script) =>
        new()
        {
            Server = server.Address,
            Exec = new ExecPlugin
            {
                ApiVersion = Version,
                Command = "/bin/sh",
                Arguments = [Write("plugin", script)],
            },
        };

    private KubernetesClient Client(ClusterConnection connection) => Clients.Of(connection, time: clock);

    private static Task<ConfigMap> GetAsync(KubernetesClient client) =>
        client.GetAsync(Kinds.ConfigMaps, new ObjectKey("default", "a"), TestContext.Current.CancellationToken);

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
