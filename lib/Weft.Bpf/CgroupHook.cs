using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Weft.Bpf.Native;

namespace Weft.Bpf;

/// <summary>The calls on sockets that a program can be attached to (enum bpf_attach_type).</summary>
public enum SocketCall
{
    /// <summary>bind() of an IPv4 socket.</summary>
    Bind4 = 8,

    /// <summary>bind() of an IPv6 socket.</summary>
    Bind6 = 9,

    /// <summary>connect() of an IPv4 socket.</summary>
    Connect4 = 10,

    /// <summary>connect() of an IPv6 socket.</summary>
    Connect6 = 11,

    /// <summary>A datagram sent by an IPv4 UDP socket that is not connected.</summary>
    SendMessage4 = 14,

    /// <summary>A datagram sent by an IPv6 UDP socket that is not connected.</summary>
    SendMessage6 = 15,

    /// <summary>The sender's address of a datagram received by an IPv4 UDP socket.</summary>
    ReceiveMessage4 = 19,

    /// <summary>The sender's address of a datagram received by an IPv6 UDP socket.</summary>
    ReceiveMessage6 = 20,

    /// <summary>getpeername() of an IPv4 socket.</summary>
    GetPeerName4 = 29,

    /// <summary>getpeername() of an IPv6 socket.</summary>
    GetPeerName6 = 30,
}

/// <summary>
/// Attaching programs to the calls that processes of a control group make, those of groups below among them. Others'
/// programs there run as well. An attachment stays until the group goes or it is removed: it does not depend on a
/// descriptor or a pin. Only programs whose names start with <see cref="TcHook.NamePrefix"/> are taken for ours.
/// </summary>
public static unsafe partial class CgroupHook
{
    private const uint AllowMulti = 1 << 1;
    private const uint Replace = 1 << 2;
    private const int MaxPrograms = 64;
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;

    /// <summary>
    /// Attaches the program, in place of one of ours if there is one: no call goes without either. Returns false when
    /// one was there that does the same on the same maps.
    /// </summary>
    /// <param name="cgroup">Directory of a control group of version 2.</param>
    /// <param name="call">The call.</param>
    /// <param name="program">A program for it.</param>
    /// <exception cref="BpfException">The kernel refused, or there is no such group.</exception>
    public static bool Attach(string cgroup, SocketCall call, BpfProgram program)
    {
        using var group = Open(cgroup);
        var attached = Attached(group, cgroup, call);
        if (attached?.DoesTheSameAs(program.Info()) == true)
        {
            return false;
        }

        var options = new Libbpf.AttachOptions { Size = (nuint)sizeof(Libbpf.AttachOptions), Flags = AllowMulti };
        using var old = attached is null ? null : BpfProgram.Open(attached.Id);
        if (old is not null)
        {
            options.Flags |= Replace;
            options.ReplaceProgram = Number(old);
        }

        var result = Libbpf.bpf_prog_attach_opts(program.Fd, Number(group), (int)call, &options);
        return result >= 0
            ? true
            : throw new BpfException($"attach program \"{program.Name}\" to {call} of {cgroup}", -result);
    }

    /// <summary>Our program on this call, or null.</summary>
    public static ProgramInfo? Attached(string cgroup, SocketCall call)
    {
        using var group = Open(cgroup);
        return Attached(group, cgroup, call);
    }

    /// <summary>Removes our program from this call; false when there was none.</summary>
    public static bool Detach(string cgroup, SocketCall call)
    {
        using var group = Open(cgroup);
        if (Attached(group, cgroup, call) is not { } attached)
        {
            return false;
        }

        using var program = BpfProgram.Open(attached.Id);
        var result = Libbpf.bpf_prog_detach2(Number(program), Number(group), (int)call);
        return result >= 0
            ? true
            : throw new BpfException($"detach \"{attached.Name}\" from {call} of {cgroup}", -result);
    }

    private static ProgramInfo? Attached(SafeFileHandle group, string cgroup, SocketCall call)
    {
        var ids = stackalloc uint[MaxPrograms];
        var options = new Libbpf.QueryOptions
        {
            Size = (nuint)sizeof(Libbpf.QueryOptions),
            ProgramIds = ids,
            ProgramCount = MaxPrograms,
        };
        var result = Libbpf.bpf_prog_query_opts(Number(group), (int)call, &options);
        if (result < 0)
        {
            throw new BpfException($"list the programs on {call} of {cgroup}", -result);
        }

        for (var i = 0; i < options.ProgramCount; i++)
        {
            if (
                BpfProgram.Describe(ids[i]) is { } info
                && info.Name.StartsWith(TcHook.NamePrefix, StringComparison.Ordinal)
            )
            {
                return info;
            }
        }

        return null;
    }

    private static SafeFileHandle Open(string cgroup)
    {
        var fd = OpenDirectory(cgroup, ReadOnly | CloseOnExec);
        return fd >= 0
            ? new SafeFileHandle(fd, ownsHandle: true)
            : throw new BpfException($"open the control group {cgroup}", Marshal.GetLastPInvokeError());
    }

    // System.IO opens no directories.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDirectory(string path, int flags);

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();
}
