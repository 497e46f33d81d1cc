using System.Text;
using System.Text.Json;
using Weft.Kubernetes;
using Weft.Kubernetes.Http;
using Weft.Resources;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class WatchStreamTests
{
    [Fact]
    public async Task A_bookmark_has_none_of_the_fields_that_an_object_of_the_kind_must_have()
    {
        var events = await ReadAsync(Clients.Bookmark(7));
        Assert.Equal([new(WatchEventType.Bookmark, null, "7", null)], events);
    }

    [Fact]
    public async Task A_bookmark_without_a_version_is_refused() =>
        await Assert.ThrowsAsync<JsonException>(() => ReadAsync(Clients.Event("BOOKMARK", """{"metadata":{}}""")));

    private static async Task<List<WatchEvent<WeftIdentity>>> ReadAsync(string text)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var cancellation = TestContext.Current.CancellationToken;
        return await WatchStream.ReadAsync(body, WeftResources.Identities, cancellation).ToListAsync(cancellation);
    }
}
