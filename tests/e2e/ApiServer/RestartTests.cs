namespace Weft.Tests.EndToEnd.ApiServer;

/// <summary>A server that was killed comes back as it was.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly ApiServerUnderTest server = new();

    [Fact]
    public void A_killed_server_comes_back_with_the_same_objects_at_the_same_place()
    {
        server.Do("create configmap c --from-literal=a=b");
        var before = server.Do("get configmap c -o jsonpath='{.metadata.uid} {.metadata.resourceVersion}'");
        server.KillAndRestart();
        Assert.Equal(before, server.Do("get configmap c -o jsonpath='{.metadata.uid} {.metadata.resourceVersion}'"));
    }

    public void Dispose() => server.Dispose();
}
