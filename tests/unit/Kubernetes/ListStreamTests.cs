using System.Text;
using System.Text.Json;
using Weft.Kubernetes.Http;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class ListStreamTests
{
    private static readonly string Three = Clients.List(
        7,
        "token",
        Clients.ConfigMap("a", 1),
        Clients.ConfigMap("b", 2),
        Clients.ConfigMap("c", 3)
    );

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task A_list_is_read_in_whatever_pieces_it_comes(int piece)
    {
        var list = await ReadAsync(Three, piece);
        Assert.Equal(["a 1", "b 2", "c 3"], list.Items!.Select(item => $"{item.Metadata.Name} {item.Data!["v"]}"));
        Assert.Equal(("7", "token"), (list.Metadata!.ResourceVersion, list.Metadata.Continue));
    }

    [Fact]
    public async Task Each_object_is_trimmed_before_the_next_one_is_decoded()
    {
        var read = new List<string>();
        using var body = new Pieces(Three, 1);
        var list = await new ListStream<ConfigMap>(
            Kinds.ConfigMaps,
            map =>
            {
                read.Add($"{map.Metadata.Name} at {Three[..body.Given].Split("\"data\"").Length - 1}");
                return new ConfigMap { Metadata = map.Metadata };
            }
        ).ReadAsync(body, TestContext.Current.CancellationToken);
        Assert.Equal(["a at 1", "b at 2", "c at 3"], read);
        Assert.All(list.Items!, map => Assert.Null(map.Data));
    }

    [Fact]
    public async Task A_list_that_is_cut_off_anywhere_is_none()
    {
        for (var length = 0; length < Three.Length; length++)
        {
            await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync(Three[..length], 100_000));
        }
    }

    [Theory]
    [InlineData("""{"items":null,"metadata":{"resourceVersion":"7"}}""")]
    [InlineData("""{"kind":"X","new":{"items":[{"a":[]}]},"items":[],"metadata":{"resourceVersion":"7"}}""")]
    public async Task Fields_come_in_any_order_and_unknown_ones_are_passed_by(string text)
    {
        var list = await ReadAsync(text, 3);
        Assert.Empty(list.Items!);
        Assert.Equal("7", list.Metadata!.ResourceVersion);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"items":{}}""")]
    [InlineData("""{"items":[null]}""")]
    [InlineData("""{"items":[]} garbage""")]
    [InlineData("<html>")]
    public Task What_is_no_list_is_refused(string text) =>
        Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync(text, 100_000));

    private static async Task<ObjectList<ConfigMap>> ReadAsync(string text, int piece)
    {
        using var body = new Pieces(text, piece);
        return await new ListStream<ConfigMap>(Kinds.ConfigMaps, null).ReadAsync(
            body,
            TestContext.Current.CancellationToken
        );
    }

    /// <summary>A text that comes so many bytes at a time.</summary>
    private sealed class Pieces(string text, int piece) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public int Given => (int)Position;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
