using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent.Peers;

namespace Weft.Tests.Unit.Agent;

public sealed class PeerDirectoryTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ScratchDirectory scratch = new();
    private readonly PeerDirectory peers;

    public PeerDirectoryTests() => peers = new PeerDirectory(scratch.Root, [], "n1", NullLogger.Instance);

    [Fact]
    public void A_directory_that_is_missing_has_no_nodes()
    {
        using var missing = new PeerDirectory(scratch["missing"], [], "n1", NullLogger.Instance);
        Assert.Empty(missing.Read());
    }

    [Fact]
    public void Nodes_come_in_the_order_of_their_names_without_the_own_one()
    {
        Write("a.json", "n3");
        Write("b.json", "n1");
        Write("c.json", "n2");
        Write("d.json.new", "n4");
        Assert.Equal(["n2", "n3"], Names());
    }

    [Fact]
    public void A_file_that_went_bad_counts_as_what_it_last_was()
    {
        Write("n2.json", "n2");
        Write("n3.json", "n3");
        Names();
        File.WriteAllText(scratch["n2.json"], "{ \"name\": \"n2\",");
        Assert.Equal(["n2", "n3"], Names());

        Write("n2.json", "n2b");
        Assert.Equal(["n2b", "n3"], Names());
    }

    [Fact]
    public void A_file_that_was_never_good_cuts_off_nobody_else()
    {
        File.WriteAllText(scratch["bad.json"], "rubbish");
        Write("n2.json", "n2");
        Assert.Equal(["n2"], Names());
    }

    [Fact]
    public void A_deleted_file_ends_its_node_even_when_it_was_bad()
    {
        Write("n2.json", "n2");
        Names();
        File.WriteAllText(scratch["n2.json"], "rubbish");
        Names();
        File.Delete(scratch["n2.json"]);
        Assert.Empty(Names());
    }

    [Fact]
    public void Two_files_of_one_name_are_one_node()
    {
        Write("a.json", "n2");
        Write("b.json", "n2");
        Assert.Equal(["n2"], Names());
    }

    [Fact]
    public async Task The_watch_notices_what_is_created_replaced_and_deleted()
    {
        peers.Watch();
        Write("n2.json", "n2");
        await ChangeAsync("n2");

        Write("n3.json.new", "n3");
        File.Move(scratch["n3.json.new"], scratch["n2.json"], overwrite: true);
        await ChangeAsync("n3");

        File.Move(scratch["n2.json"], scratch["other.json"]);
        File.WriteAllText(scratch["other.json"], PeerJson("n4"));
        await ChangeAsync("n4");

        File.Delete(scratch["other.json"]);
        await ChangeAsync();
    }

    public void Dispose()
    {
        peers.Dispose();
        scratch.Dispose();
    }

    /// <summary>One write is several events, so the wait is for what is read, not for their number.</summary>
    private async Task ChangeAsync(params string[] expected)
    {
        using var patience = new CancellationTokenSource(Patience);
        do
        {
            await peers.WaitForChangeAsync(patience.Token);
        } while (!Names().SequenceEqual(expected));
    }

    private IReadOnlyList<string> Names() => [.. peers.Read().Select(peer => peer.Name)];

    private void Write(string file, string name) => File.WriteAllText(scratch[file], PeerJson(name));

    private static string PeerJson(string name) =>
        $$"""{ "name": "{{name}}", "addresses": ["192.0.2.9"], "podCidrs": ["10.9.0.0/24"] }""";
}
