using System.Text.Json;
using Weft.Agent.Peers;
using Weft.Net;
using Weft.Resources;

namespace Weft.Tests.Unit.Agent;

public sealed class RemoteSliceTests
{
    [Fact]
    public void A_slice_as_its_node_writes_it_is_read_in_its_small_form()
    {
        var written = JsonSerializer.SerializeToUtf8Bytes(
            new WeftEndpointSlice
            {
                Metadata = new() { Name = "n2-0" },
                NodeName = "n2",
                Endpoints =
                [
                    new WeftEndpoint
                    {
                        Namespace = "default",
                        Pod = "web",
                        Uid = "u",
                        Ips = ["10.2.0.5", "fd00::5"],
                        Identity = 300,
                    },
                ],
            },
            WeftResources.EndpointSlices.Json
        );
        var read = JsonSerializer.Deserialize(written, RemoteSlice.Resource.Json)!;
        Assert.Equal(("n2-0", "n2"), (read.Metadata.Name, read.NodeName));
        Assert.Equal(
            new RemoteEndpoint(Ip.Parse("10.2.0.5"), Ip.Parse("fd00::5"), 300),
            Assert.Single(read.Endpoints!)
        );
    }

    [Fact]
    public async Task A_list_that_comes_in_many_pieces_is_read_as_one_that_comes_at_once()
    {
        var endpoint = """{ "namespace": "default", "later": { "a": [1] }, "ips": ["10.0.0.1"], "identity": 7 }""";
        var slice =
            $$"""{ "metadata": { "name": "s" }, "endpoints": [{{string.Join(',', Enumerable.Repeat(endpoint, 100))}}] }""";
        var list = $$"""{ "items": [{{string.Join(',', Enumerable.Repeat(slice, 100))}}] }""";
        await using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(list));
        var read = await JsonSerializer.DeserializeAsync(
            stream,
            RemoteSlice.Resource.ListJson,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(10_000, read!.Items!.Sum(item => item.Endpoints!.Count(pod => pod.Identity == 7)));
    }

    [Theory]
    [InlineData("""{ "ips": [], "identity": 7 }""", "::", "::", 7)]
    [InlineData("""{ "ips": ["10.0.0.1"] }""", "10.0.0.1", "::", 0)]
    [InlineData("""{ "ips": ["10.0.0", "fd00::1", "fd00::2", "fd00::3"], "identity": 7 }""", "fd00::1", "fd00::2", 7)]
    [InlineData("""{ "later": { "ips": ["10.0.0.9"] }, "ips": ["10.0.0.1"], "identity": 7 }""", "10.0.0.1", "::", 7)]
    public void What_is_no_address_or_one_too_many_is_passed_by(
        string endpoint,
        string first,
        string second,
        uint identity
    )
    {
        var json = $$"""{ "metadata": { "name": "s" }, "endpoints": [{{endpoint}}] }""";
        Assert.Equal(
            new RemoteEndpoint(Ip.Parse(first), Ip.Parse(second), identity),
            Assert.Single(JsonSerializer.Deserialize(json, RemoteSlice.Resource.Json)!.Endpoints!)
        );
    }
}
