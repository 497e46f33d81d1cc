using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent.Peers;
using Weft.Agent.Snapshot;
using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Tests.Unit.Agent;

public sealed class SnapshotFileTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly string path;
    private readonly SnapshotFile<RemoteSlice> file;

    public SnapshotFileTests()
    {
        path = Path.Combine(scratch.Root, "state", "slices.json");
        file = new SnapshotFile<RemoteSlice>(path, RemoteSlice.Resource.ListJson, NullLogger.Instance);
    }

    [Fact]
    public void What_was_written_is_read()
    {
        var slice = new RemoteSlice
        {
            Metadata = new ObjectMeta { Name = "n2-0", ResourceVersion = "7" },
            NodeName = "n2",
            Endpoints =
            [
                new RemoteEndpoint(Ip.Parse("10.2.0.5"), Ip.Parse("fd00::5"), 300),
                new RemoteEndpoint(Ip.Parse("10.2.0.6"), RemoteEndpoint.None, 5),
            ],
        };
        file.Write([slice]);
        var read = Assert.Single(file.Read()!);
        Assert.Equal(slice.Metadata, read.Metadata);
        Assert.Equal(slice.NodeName, read.NodeName);
        Assert.Equal(slice.Endpoints, read.Endpoints);
        file.Write([]);
        Assert.Empty(file.Read()!);
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void Nothing_written_is_nothing_known() => Assert.Null(file.Read());

    [Fact]
    public void Every_file_that_is_cut_short_or_has_a_wrong_bit_is_set_aside()
    {
        file.Write([
            new RemoteSlice
            {
                Metadata = new ObjectMeta { Name = "n2-0" },
                NodeName = "n2",
                Endpoints = [],
            },
        ]);
        var good = File.ReadAllBytes(path);
        for (var i = 0; i < good.Length; i++)
        {
            Refused(good[..i]);
            var flipped = good.ToArray();
            flipped[i] ^= 1;
            Refused(flipped);
        }
    }

    [Fact]
    public void A_file_of_another_version_is_set_aside()
    {
        file.Write([]);
        Refused(
            Encoding.UTF8.GetBytes(File.ReadAllText(path).Replace("snapshot 1", "snapshot 2", StringComparison.Ordinal))
        );
    }

    public void Dispose() => scratch.Dispose();

    private void Refused(byte[] content)
    {
        File.WriteAllBytes(path, content);
        Assert.Null(file.Read());
        Assert.False(File.Exists(path));
        Assert.Equal(content, File.ReadAllBytes(path + ".unreadable"));
    }
}
