using Microsoft.Win32.SafeHandles;
using Weft.Bpf.Native;

namespace Weft.Bpf;

/// <summary>The two sides of a device a tc program can be attached to.</summary>
public enum TcDirection
{
    /// <summary>What the device receives.</summary>
    Ingress,

    /// <summary>What is sent through the device.</summary>
    Egress,
}

/// <summary>How tc programs are attached on this kernel.</summary>
public enum TcMechanism
{
    /// <summary>tcx: several programs in order, changed atomically (Linux 6.6).</summary>
    Tcx,

    /// <summary>A filter of the clsact qdisc.</summary>
    Clsact,
}

/// <summary>
/// Attaching tc programs to devices. An attachment stays until the device goes or it is removed: it does not depend
/// on a descriptor or a pin. Only programs whose names start with <see cref="NamePrefix"/> are taken for ours.
/// </summary>
public static unsafe class TcHook
{
    /// <summary>What the names of all our programs start with.</summary>
    public const string NamePrefix = "weft_";

    private const int TcxIngress = 46;
    private const int TcxEgress = 47;
    private const int ClsactIngress = 1;
    private const int ClsactEgress = 2;
    private const uint Replace = 1 << 2;
    private const uint TcReplace = 1 << 0;
    private const int MaxPrograms = 64;

    // Our filter's place among others': first, so that nobody judges before the policy does.
    private const uint FilterPriority = 1;
    private const uint FilterHandle = 0x5745;
    private const int Loopback = 1;

    /// <summary>What this kernel offers; asked once by whoever attaches.</summary>
    public static TcMechanism Probe()
    {
        var options = new Libbpf.QueryOptions { Size = (nuint)sizeof(Libbpf.QueryOptions) };
        return Libbpf.bpf_prog_query_opts(Loopback, TcxIngress, &options) == -Errno.EINVAL
            ? TcMechanism.Clsact
            : TcMechanism.Tcx;
    }

    /// <summary>
    /// Attaches the program, in place of one of ours if there is one. With tcx the exchange is atomic; with clsact
    /// the filter is replaced, which is atomic too. Returns false when one was there that does the same on the same maps.
    /// </summary>
    public static bool Attach(TcMechanism mechanism, int ifIndex, TcDirection direction, BpfProgram program)
    {
        var attached = Attached(mechanism, ifIndex, direction);
        if (attached?.DoesTheSameAs(program.Info()) == true)
        {
            return false;
        }

        var result =
            mechanism == TcMechanism.Tcx
                ? AttachTcx(ifIndex, direction, program, attached)
                : AttachClsact(ifIndex, direction, program);
        return result >= 0
            ? true
            : throw new BpfException(
                $"attach program \"{program.Name}\" to {direction} of device {ifIndex}",
                -result,
                LibbpfLog.Take()
            );
    }

    /// <summary>Our program on this side of the device, or null.</summary>
    public static ProgramInfo? Attached(TcMechanism mechanism, int ifIndex, TcDirection direction)
    {
        if (mechanism == TcMechanism.Clsact)
        {
            return AttachedClsact(ifIndex, direction);
        }

        var ids = stackalloc uint[MaxPrograms];
        var options = new Libbpf.QueryOptions
        {
            Size = (nuint)sizeof(Libbpf.QueryOptions),
            ProgramIds = ids,
            ProgramCount = MaxPrograms,
        };
        var result = Libbpf.bpf_prog_query_opts(ifIndex, TcxType(direction), &options);
        if (result == -Errno.ENOENT)
        {
            return null;
        }

        if (result < 0)
        {
            throw new BpfException($"list the programs on {direction} of device {ifIndex}", -result);
        }

        for (var i = 0; i < options.ProgramCount; i++)
        {
            if (BpfProgram.Describe(ids[i]) is { } info && info.Name.StartsWith(NamePrefix, StringComparison.Ordinal))
            {
                return info;
            }
        }

        return null;
    }

    /// <summary>Removes our program from this side of the device; false when there was none.</summary>
    public static bool Detach(TcMechanism mechanism, int ifIndex, TcDirection direction)
    {
        if (Attached(mechanism, ifIndex, direction) is not { } attached)
        {
            return false;
        }

        int result;
        if (mechanism == TcMechanism.Tcx)
        {
            using var program = BpfProgram.Open(attached.Id);
            result = Libbpf.bpf_prog_detach2(Number(program), ifIndex, TcxType(direction));
        }
        else
        {
            var hook = ClsactHook(ifIndex, direction);
            var options = Filter();
            result = Libbpf.bpf_tc_detach(&hook, &options);
        }

        return result >= 0
            ? true
            : throw new BpfException($"detach \"{attached.Name}\" from {direction} of device {ifIndex}", -result);
    }

    private static int AttachTcx(int ifIndex, TcDirection direction, BpfProgram program, ProgramInfo? attached)
    {
        var options = new Libbpf.AttachOptions { Size = (nuint)sizeof(Libbpf.AttachOptions) };
        if (attached is null)
        {
            return Libbpf.bpf_prog_attach_opts(program.Fd, ifIndex, TcxType(direction), &options);
        }

        using var old = BpfProgram.Open(attached.Id);
        options.Flags = Replace;
        options.ReplaceProgram = Number(old);
        return Libbpf.bpf_prog_attach_opts(program.Fd, ifIndex, TcxType(direction), &options);
    }

    private static int AttachClsact(int ifIndex, TcDirection direction, BpfProgram program)
    {
        var hook = ClsactHook(ifIndex, direction);
        var created = Libbpf.bpf_tc_hook_create(&hook);
        if (created < 0 && created != -Errno.EEXIST)
        {
            return created;
        }

        var options = Filter();
        options.Program = program.Fd;
        options.Flags = TcReplace;
        return Libbpf.bpf_tc_attach(&hook, &options);
    }

    private static ProgramInfo? AttachedClsact(int ifIndex, TcDirection direction)
    {
        var hook = ClsactHook(ifIndex, direction);
        var options = Filter();
        var found = Libbpf.bpf_tc_query(&hook, &options);
        LibbpfLog.Take();
        return found >= 0 ? BpfProgram.Describe(options.ProgramId) : null;
    }

    private static Libbpf.TcHookOptions ClsactHook(int ifIndex, TcDirection direction) =>
        new()
        {
            Size = (nuint)sizeof(Libbpf.TcHookOptions),
            IfIndex = ifIndex,
            AttachPoint = direction == TcDirection.Ingress ? ClsactIngress : ClsactEgress,
        };

    private static Libbpf.TcOptions Filter() =>
        new()
        {
            Size = (nuint)sizeof(Libbpf.TcOptions),
            Handle = FilterHandle,
            Priority = FilterPriority,
        };

    private static int TcxType(TcDirection direction) => direction == TcDirection.Ingress ? TcxIngress : TcxEgress;

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();
}
