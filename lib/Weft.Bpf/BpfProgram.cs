using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Weft.Bpf.Native;

namespace Weft.Bpf;

/// <summary>What the kernel knows of a loaded program.</summary>
/// <param name="Id">The kernel's number for it.</param>
/// <param name="Name">Name, cut to 15 characters by the kernel.</param>
/// <param name="Tag">Hash of its instructions, with whatever maps.</param>
/// <param name="Maps">The kernel's numbers for the maps it uses, in the order of their use.</param>
/// <param name="RunTimeNs">Time spent in it, with the kernel's BPF statistics on.</param>
/// <param name="RunCount">Times it ran, with statistics on.</param>
public sealed record ProgramInfo(
    uint Id,
    string Name,
    ulong Tag,
    IReadOnlyList<uint> Maps,
    ulong RunTimeNs,
    ulong RunCount
)
{
    /// <summary>
    /// True when the other has the same instructions and works on the same maps. Constants are a map of each load's own:
    /// tags do not tell whether those differ.
    /// </summary>
    public bool DoesTheSameAs(ProgramInfo other) => Tag == other.Tag && Maps.SequenceEqual(other.Maps);
}

/// <summary>Outcome of one BPF_PROG_TEST_RUN.</summary>
/// <param name="ReturnValue">What the program returned.</param>
/// <param name="Packet">The packet afterwards.</param>
/// <param name="DurationNs">Mean time of a run, in nanoseconds.</param>
public sealed record TestRunResult(uint ReturnValue, byte[] Packet, uint DurationNs);

/// <summary>A loaded program; it belongs to the object it came from.</summary>
public sealed unsafe class BpfProgram
{
    /// <summary>struct __sk_buff up to the last field a test may set; the kernel refuses others.</summary>
    private const int ContextBytes = 192;
    private const int IfIndexOffset = 40;
    private const int PacketRoom = 4096;

    /// <summary>MAX_USED_MAPS: the kernel loads no program that uses more.</summary>
    private const int MaxMaps = 64;

    internal BpfProgram(string name, int fd)
    {
        Name = name;
        Fd = fd;
    }

    /// <summary>Name of the program's function.</summary>
    public string Name { get; }

    internal int Fd { get; }

    /// <summary>Asks the kernel about the program.</summary>
    public ProgramInfo Info() => ReadInfo(Fd);

    /// <summary>Runs a tc program on a packet, as received by or sent through the device <paramref name="ifIndex"/>.</summary>
    /// <param name="packet">An Ethernet frame.</param>
    /// <param name="ifIndex">A device of this namespace.</param>
    /// <param name="repeat">Runs to time; the packet is not restored between them.</param>
    public TestRunResult TestRun(ReadOnlySpan<byte> packet, int ifIndex, int repeat = 1)
    {
        Span<byte> context = stackalloc byte[ContextBytes];
        context.Clear();
        BitConverter.TryWriteBytes(context[IfIndexOffset..], ifIndex);
        return Run(packet, context, repeat);
    }

    /// <summary>Runs an XDP program on a frame, as received by the device <paramref name="ifIndex"/>.</summary>
    /// <param name="frame">An Ethernet frame.</param>
    /// <param name="ifIndex">A device of this namespace.</param>
    public TestRunResult TestRunXdp(ReadOnlySpan<byte> frame, int ifIndex)
    {
        var context = new XdpContext { DataEnd = (uint)frame.Length, IngressIfIndex = (uint)ifIndex };
        return Run(frame, MemoryMarshal.AsBytes(new Span<XdpContext>(ref context)), 1);
    }

    private TestRunResult Run(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> context, int repeat)
    {
        var output = new byte[packet.Length + PacketRoom];
        fixed (byte* dataIn = packet)
        fixed (byte* dataOut = output)
        fixed (byte* contextIn = context)
        {
            var options = new Libbpf.TestRunOptions
            {
                Size = (nuint)sizeof(Libbpf.TestRunOptions),
                DataIn = dataIn,
                DataSizeIn = (uint)packet.Length,
                DataOut = dataOut,
                DataSizeOut = (uint)output.Length,
                ContextIn = contextIn,
                ContextSizeIn = (uint)context.Length,
                Repeat = repeat,
            };
            var result = Libbpf.bpf_prog_test_run_opts(Fd, &options);
            return result >= 0
                ? new TestRunResult(options.ReturnValue, output[..(int)options.DataSizeOut], options.DurationNs)
                : throw new BpfException($"test-run program \"{Name}\"", -result);
        }
    }

    /// <summary>The description of a loaded program, or null when it went away meanwhile.</summary>
    public static ProgramInfo? Describe(uint id)
    {
        var fd = Libbpf.bpf_prog_get_fd_by_id(id);
        if (fd < 0)
        {
            return null;
        }

        using var program = new SafeFileHandle(fd, ownsHandle: true);
        return ReadInfo(fd);
    }

    internal static SafeFileHandle Open(uint id)
    {
        var fd = Libbpf.bpf_prog_get_fd_by_id(id);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw new BpfException($"open program {id}", -fd);
    }

    internal static ProgramInfo ReadInfo(int fd)
    {
        var maps = stackalloc uint[MaxMaps];
        var info = new KernelProgramInfo { MapCount = MaxMaps, Maps = maps };
        var length = (uint)sizeof(KernelProgramInfo);
        var result = Libbpf.bpf_obj_get_info_by_fd(fd, &info, &length);
        return result >= 0
            ? new ProgramInfo(
                info.Id,
                Marshal.PtrToStringUTF8((nint)info.Name)!,
                info.Tag,
                new Span<uint>(maps, (int)uint.Min(info.MapCount, MaxMaps)).ToArray(),
                info.RunTimeNs,
                info.RunCount
            )
            : throw new BpfException("read a program's information", -result);
    }

    /// <summary>struct xdp_md, as far as used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    private struct XdpContext
    {
        [FieldOffset(4)]
        public uint DataEnd;

        [FieldOffset(12)]
        public uint IngressIfIndex;
    }

    /// <summary>struct bpf_prog_info, as far as used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 224)]
    private struct KernelProgramInfo
    {
        [FieldOffset(4)]
        public uint Id;

        [FieldOffset(8)]
        public ulong Tag;

        [FieldOffset(52)]
        public uint MapCount;

        [FieldOffset(56)]
        public uint* Maps;

        [FieldOffset(64)]
        public fixed byte Name[16];

        [FieldOffset(192)]
        public ulong RunTimeNs;

        [FieldOffset(200)]
        public ulong RunCount;
    }
}
