using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Weft.Netlink.Protocol;

namespace Weft.Netlink;

/// <summary>
/// A network namespace held by a descriptor, which keeps it alive. Namespaces belong to threads: code runs in one on a
/// thread of its own that ends afterwards, so no thread has to be put back; only a socket is opened on the way.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    // A thread here makes a few system calls; the usual 8 MB would only be reserved.
    private const int ThreadStackSize = 512 * 1024;

    // asm-generic/socket.h.
    private const int SolSocket = 1;
    private const int SoNetnsCookie = 71;

    private readonly (ulong Device, ulong Inode) identity;

    private NetworkNamespace(SafeFileHandle handle, (ulong Device, ulong Inode) identity)
    {
        Handle = handle;
        this.identity = identity;
    }

    /// <summary>The descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Its inode number, as in <c>net:[4026531840]</c>; unique among those alive.</summary>
    public ulong Inode => identity.Inode;

    /// <summary>The namespace at a path such as <c>/run/netns/name</c> or <c>/proc/1/ns/net</c>.</summary>
    /// <exception cref="NamespaceException">None is there, it is something else, or it may not be opened.</exception>
    public static NetworkNamespace Open(string path) => Verify(NamespaceFile.Open(path), path);

    /// <summary>That of the calling thread.</summary>
    public static NetworkNamespace Current() => Open("/proc/thread-self/ns/net");

    /// <summary>
    /// The kernel's number for the calling thread's namespace (SO_NETNS_COOKIE), by which BPF programs know it; unique
    /// for all time of a boot.
    /// </summary>
    public static ulong CurrentCookie()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var cookie = 0ul;
        socket.GetRawSocketOption(SolSocket, SoNetnsCookie, MemoryMarshal.AsBytes(new Span<ulong>(ref cookie)));
        return cookie;
    }

    /// <summary>As <see cref="CurrentCookie"/>, of this one.</summary>
    public ulong Cookie() => OpenInside(CurrentCookie);

    /// <summary>A new one without a name, its loopback off; it is gone once nobody holds it.</summary>
    /// <exception cref="NamespaceException">The process lacks CAP_SYS_ADMIN.</exception>
    public static NetworkNamespace Create() =>
        OnOwnThread(() =>
        {
            NamespaceFile.Unshare();
            return Current();
        });

    /// <summary>Takes over a descriptor, such as one received from another process.</summary>
    /// <exception cref="NamespaceException">It is not of a network namespace; the descriptor is closed then.</exception>
    public static NetworkNamespace FromHandle(SafeFileHandle handle) => Verify(handle, "the descriptor");

    /// <summary>True for two descriptors of one namespace.</summary>
    public bool IsSameAs(NetworkNamespace other) => identity == other.identity;

    /// <summary>
    /// Gives it a name: makes the file and mounts the namespace on it. It then outlives every process, until
    /// <see cref="Unpin"/>.
    /// </summary>
    /// <exception cref="IOException">The file exists already, or its folder does not.</exception>
    /// <exception cref="NamespaceException">The kernel refused the mount.</exception>
    public void PinTo(string path)
    {
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write).Dispose();
        try
        {
            NamespaceFile.Mount(Handle, path);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Takes the name away. Fine if it is gone already, in part or in full.</summary>
    /// <exception cref="NamespaceException">The kernel refused.</exception>
    public static void Unpin(string path)
    {
        NamespaceFile.Unmount(path);
        if (Path.Exists(path))
        {
            File.Delete(path);
        }
    }

    /// <summary>Runs on a thread of its own inside the namespace; exceptions come through as they are.</summary>
    public T Run<T>(Func<T> action) =>
        OnOwnThread(() =>
        {
            Enter();
            return action();
        });

    /// <inheritdoc cref="Run{T}(Func{T})"/>
    public void Run(Action action) =>
        Run(() =>
        {
            action();
            return true;
        });

    /// <summary>Moves the calling thread for good. Only for threads that end afterwards.</summary>
    /// <exception cref="NamespaceException">The process lacks CAP_SYS_ADMIN.</exception>
    public void Enter() => NamespaceFile.Enter(Handle);

    /// <summary>
    /// Opens a socket inside, on the calling thread, which is back afterwards: a tenth of the time a thread of its own
    /// takes. For nothing that might start a thread, which would be born in here.
    /// </summary>
    internal T OpenInside<T>(Func<T> socket)
    {
        using var own = NamespaceFile.Open("/proc/thread-self/ns/net");
        Enter();
        try
        {
            return socket();
        }
        finally
        {
            Return(own);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    /// <summary>A thread that stays in a namespace without knowing it would change links it takes for others.</summary>
    private static void Return(SafeFileHandle own)
    {
        try
        {
            NamespaceFile.Enter(own);
        }
        catch (NamespaceException e)
        {
            Environment.FailFast("a thread cannot leave a network namespace again", e);
        }
    }

    private static NetworkNamespace Verify(SafeFileHandle handle, string name)
    {
        try
        {
            return new NetworkNamespace(handle, NamespaceFile.Identify(handle, name));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static T OnOwnThread<T>(Func<T> action)
    {
        var result = default(T);
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = action();
                }
#pragma warning disable CA1031 // Whatever it is, it is thrown again on the caller's thread.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            },
            ThreadStackSize
        );
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }
}
