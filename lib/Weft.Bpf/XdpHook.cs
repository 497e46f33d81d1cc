using Weft.Bpf.Native;

namespace Weft.Bpf;

/// <summary>
/// Attaching XDP programs to devices whose drivers run them themselves (native mode). A device has one at most. An
/// attachment stays until the device goes or it is removed: it does not depend on a descriptor or a pin. Only programs
/// whose names start with <see cref="TcHook.NamePrefix"/> are taken for ours.
/// </summary>
public static unsafe class XdpHook
{
    // XDP_FLAGS_* of linux/if_link.h.
    private const uint IfNone = 1 << 0;
    private const uint Native = 1 << 2;
    private const uint Replace = 1 << 4;
    private const int NoProgram = -1;

    /// <summary>
    /// Attaches the program, in place of one of ours if there is one; drivers exchange two programs without a pause.
    /// Returns false when one was there that does the same on the same maps.
    /// </summary>
    /// <exception cref="BpfException">
    /// The driver has no native mode (EOPNOTSUPP) or cannot do it with this MTU or number of queues, or another's program
    /// is there (EBUSY, EEXIST).
    /// </exception>
    public static bool Attach(int ifIndex, BpfProgram program)
    {
        var attached = Attached(ifIndex);
        if (attached?.DoesTheSameAs(program.Info()) == true)
        {
            return false;
        }

        var result = Exchange(ifIndex, attached, program.Fd);
        return result >= 0
            ? true
            : throw new BpfException(
                $"attach program \"{program.Name}\" to XDP of device {ifIndex}",
                -result,
                LibbpfLog.Take()
            );
    }

    /// <summary>Our program on the device, or null.</summary>
    public static ProgramInfo? Attached(int ifIndex)
    {
        uint id = 0;
        var result = Libbpf.bpf_xdp_query_id(ifIndex, (int)Native, &id);
        if (result < 0)
        {
            throw new BpfException($"ask for the XDP program of device {ifIndex}", -result);
        }

        return
            id != 0
            && BpfProgram.Describe(id) is { } info
            && info.Name.StartsWith(TcHook.NamePrefix, StringComparison.Ordinal)
            ? info
            : null;
    }

    /// <summary>Removes our program from the device; false when there was none.</summary>
    public static bool Detach(int ifIndex)
    {
        if (Attached(ifIndex) is not { } attached)
        {
            return false;
        }

        var result = Exchange(ifIndex, attached, NoProgram);
        return result >= 0
            ? true
            : throw new BpfException($"detach \"{attached.Name}\" from XDP of device {ifIndex}", -result);
    }

    private static int Exchange(int ifIndex, ProgramInfo? old, int program)
    {
        if (old is null)
        {
            return Libbpf.bpf_xdp_attach(ifIndex, program, Native | IfNone, null);
        }

        using var there = BpfProgram.Open(old.Id);
        var options = new Libbpf.XdpAttachOptions
        {
            Size = (nuint)sizeof(Libbpf.XdpAttachOptions),
            OldProgram = (int)there.DangerousGetHandle(),
        };
        return Libbpf.bpf_xdp_attach(ifIndex, program, Native | Replace, &options);
    }
}
