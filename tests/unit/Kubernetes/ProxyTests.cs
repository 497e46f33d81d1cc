using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Kubernetes;

/// <summary>A kubeconfig's proxy-url. What stands behind a proxy has a name that nobody here can resolve.</summary>
public sealed class ProxyTests
{
    private static readonly ObjectKey Key = new("default", "a");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_go_through_the_proxy()
    {
        await using var proxy = new ScriptedServer(exchange => exchange.AnswerAsync(200, Clients.ConfigMap("a", 7)));
        using var client = Clients.Of(
            new ClusterConnection { Server = new Uri("http://api.invalid:8080"), Proxy = proxy.Address }
        );
        var read = await client.GetAsync(Kinds.ConfigMaps, Key, Cancellation);
        Assert.Equal("7", read.Metadata.ResourceVersion);
        Assert.Equal(["GET http://api.invalid:8080/api/v1/namespaces/default/configmaps/a"], proxy.Requests);
    }

    [Fact]
    public async Task For_TLS_the_proxy_is_asked_for_a_tunnel_and_what_it_says_is_told()
    {
        await using var proxy = new ScriptedServer(exchange => exchange.RefuseAsync(403, "Forbidden"));
        using var client = Clients.Of(
            new ClusterConnection { Server = new Uri("https://api.invalid:6443"), Proxy = proxy.Address }
        );
        var refused = await Assert.ThrowsAsync<KubernetesException>(() =>
            client.GetAsync(Kinds.ConfigMaps, Key, Cancellation)
        );
        Assert.True(refused.IsUnreachable);
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
        Assert.All(proxy.Requests, request => Assert.Equal("CONNECT api.invalid:6443", request));
    }
}
