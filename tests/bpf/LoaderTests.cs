using System.Runtime.InteropServices;
using System.Text;
using Weft.Bpf;
using Weft.Datapath;

namespace Weft.Tests.Bpf;

/// <summary>Weft.Bpf: loading, refusals, pinned maps.</summary>
public sealed class LoaderTests
{
    [Fact]
    public void A_program_the_verifier_refuses_is_named_and_the_logs_tail_shown()
    {
        // Some of our helpers are for GPL programs only.
        var elf = Replace(DatapathObject.ReadElf(), "Dual BSD/GPL", "Proprietary!");
        var refused = Assert.Throws<VerifierException>(() => BpfObject.Load(elf, "proprietary", null));
        Assert.StartsWith("weft_", refused.Program, StringComparison.Ordinal);
        Assert.Contains(refused.Program, refused.Message, StringComparison.Ordinal);
        // Its words differ between kernels; what there is of them must be in the message.
        var lastWords = refused.Log.TrimEnd().Split('\n')[^1];
        Assert.NotEmpty(lastWords);
        Assert.EndsWith(lastWords, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_object_are_refused()
    {
        var refused = Assert.Throws<BpfException>(() => BpfObject.Load([1, 2, 3, 4], "nonsense", null));
        Assert.Contains("open object \"nonsense\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_struct_that_differs_is_refused_before_anything_is_loaded_and_the_field_named()
    {
        var layout = new StructLayout<Shifted>("endpoint")
            .Field("ifindex", static (ref Shifted v) => ref v.IfIndex)
            .Field("mac", static (ref Shifted v) => ref v.Mac);
        var refused = Assert.Throws<LayoutException>(() =>
            BpfObject.Load(DatapathObject.ReadElf(), "weft", null, layout)
        );
        Assert.Contains("endpoint", refused.Message, StringComparison.Ordinal);
        Assert.Contains("\"mac\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pinned_maps_are_taken_up_with_all_they_hold()
    {
        using var bpffs = new ScratchBpfFileSystem();
        using (var first = LoadedDatapath.Load(bpffs.Directory))
        {
            first.Peers.Update(PeerKey.From(Net.V4.PeerPods), new PeerValue { Kind = PeerKind.Pod });
        }

        using var second = LoadedDatapath.Load(bpffs.Directory);
        Assert.True(second.Peers.TryLookup(PeerKey.From(Net.V4.PeerPods), out var peer));
        Assert.Equal(PeerKind.Pod, peer.Kind);
    }

    [Fact]
    public void A_full_map_says_so_with_its_name_and_size()
    {
        var devices = new DatapathFixture().Datapath.Devices;
        try
        {
            var full = Assert.Throws<BpfException>(() =>
            {
                for (uint i = 1000; i < 2000; i++)
                {
                    devices.Update(i, default);
                }
            });
            Assert.True(full.IsMapFull);
            Assert.Contains("\"devices\" of 64 entries", full.Message, StringComparison.Ordinal);
        }
        finally
        {
            for (uint i = 1000; i < 2000; i++)
            {
                devices.Remove(i);
            }
        }
    }

    private static byte[] Replace(byte[] elf, string old, string by)
    {
        var at = elf.AsSpan().IndexOf(Encoding.ASCII.GetBytes(old));
        Assert.True(at > 0);
        Encoding.ASCII.GetBytes(by).CopyTo(elf.AsSpan(at));
        return elf;
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Shifted
    {
        [FieldOffset(0)]
        public uint IfIndex;

        [FieldOffset(5)]
        public MapMac Mac;
    }
}
