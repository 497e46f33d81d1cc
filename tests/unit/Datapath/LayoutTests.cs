using System.Runtime.InteropServices;
using Weft.Bpf;
using Weft.Datapath;

namespace Weft.Tests.Unit.Datapath;

/// <summary>Against the real object's type information; nothing is loaded, so no root is needed.</summary>
public sealed class LayoutTests
{
    [Fact]
    public void Structs_of_this_build_are_those_of_the_object() => DatapathObject.CheckLayouts();

    [Fact]
    public void A_field_elsewhere_is_named_with_both_places() =>
        Refused(
            new StructLayout<Swapped>("endpoint")
                .Field("mac", static (ref Swapped v) => ref v.Mac)
                .Field("ifindex", static (ref Swapped v) => ref v.IfIndex),
            "struct endpoint of the BPF object has field \"mac\" at byte 4 with 6 bytes, not at 0 with 6"
        );

    [Fact]
    public void A_field_of_another_size_is_named() =>
        Refused(
            new StructLayout<Narrow>("endpoint").Field("ifindex", static (ref Narrow v) => ref v.IfIndex),
            "struct endpoint of the BPF object has field \"ifindex\" at byte 0 with 4 bytes, not at 0 with 2"
        );

    [Fact]
    public void A_field_the_object_lacks_is_named() =>
        Refused(
            new StructLayout<Narrow>("endpoint").Field("colour", static (ref Narrow v) => ref v.IfIndex),
            "struct endpoint of the BPF object has no field \"colour\""
        );

    [Fact]
    public void A_field_this_build_lacks_is_named() =>
        Refused(
            new StructLayout<Half>("endpoint").Field("ifindex", static (ref Half v) => ref v.IfIndex),
            "struct endpoint of the BPF object has a field \"mac\" that Half lacks"
        );

    [Fact]
    public void A_struct_of_another_length_is_named() =>
        Refused(
            new StructLayout<Long>("drop_count")
                .Field("packets", static (ref Long v) => ref v.Packets)
                .Field("bytes", static (ref Long v) => ref v.Bytes),
            "struct drop_count of the BPF object has 16 bytes, Long 24"
        );

    [Fact]
    public void A_struct_the_object_lacks_is_named() =>
        Refused(new StructLayout<Half>("no_such"), "the BPF object has no struct no_such");

    [Fact]
    public void What_is_no_object_is_refused() =>
        Assert.StartsWith(
            "open object \"rubbish\": ",
            Assert.Throws<BpfException>(() => BpfObject.CheckLayouts("rubbish"u8, "rubbish")).Message
        );

    private static void Refused(IStructLayout layout, string complaint) =>
        Assert.Equal(
            complaint,
            Assert
                .Throws<LayoutException>(() => BpfObject.CheckLayouts(DatapathObject.ReadElf(), "weft", layout))
                .Message
        );

    [StructLayout(LayoutKind.Sequential)]
    private struct Swapped
    {
        public MapMac Mac;
        public uint IfIndex;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Narrow
    {
        public ushort IfIndex;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Half
    {
        public uint IfIndex;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Long
    {
        public ulong Packets;
        public ulong Bytes;
        public ulong More;
    }
}
