using System.Net;
using System.Net.Sockets;
using Weft.Netlink;

namespace Weft.Lab.Probes;

/// <summary>What a path is tried with.</summary>
public enum PathProtocol
{
    Tcp,
    Udp,
    Sctp,
}

/// <summary>A path: from a network namespace to a <see cref="ProbeServer"/> or <see cref="SctpServer"/>.</summary>
/// <param name="From">The namespace.</param>
/// <param name="To">Where the server is, or seems to be.</param>
/// <param name="Protocol">What it is tried with.</param>
/// <param name="Node">Whose socket it is; null for one in no node's control group, which nothing gives a backend.</param>
public sealed record ProbePath(NetworkNamespace From, IPEndPoint To, PathProtocol Protocol, NodeFiles? Node = null);

/// <summary>
/// Whether paths are open, any number of them at once: what is dropped is told from what is slow only by waiting, and
/// one wait does for all.
/// </summary>
public static class PathProbe
{
    private const int BufferBytes = 1 << 11;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(150);
    private static int lastPort = Random.Shared.Next(1 << 14);

    /// <summary>
    /// Tries all paths. Those that are expected to be open are waited for, and a moment longer for the others, none of
    /// which takes more than a fraction of it on this machine.
    /// </summary>
    /// <param name="paths">The paths.</param>
    /// <param name="expected">Whether each is expected to be open.</param>
    /// <returns>Whether each was.</returns>
    public static async Task<bool[]> TryAsync(IReadOnlyList<ProbePath> paths, IReadOnlyList<bool> expected)
    {
        using var giveUp = new CancellationTokenSource(Patience);
        var sockets = new Socket[paths.Count];
        try
        {
            foreach (var node in paths.Index().GroupBy(path => path.Item.Node))
            {
                if (node.Key is null)
                {
                    Open(node, sockets);
                }
                else
                {
                    node.Key.OpenSockets(() => Open(node, sockets));
                }
            }

            var open = paths.Select((path, i) => IsOpenAsync(sockets[i], path, giveUp.Token)).ToArray();
            await Task.WhenAll(open.Where((_, i) => expected[i]));
            giveUp.CancelAfter(Silence);
            return await Task.WhenAll(open);
        }
        finally
        {
            foreach (var socket in sockets)
            {
                socket?.Dispose();
            }
        }
    }

    private static void Open(IEnumerable<(int Index, ProbePath Item)> paths, Socket[] sockets)
    {
        foreach (var source in paths.GroupBy(path => path.Item.From))
        {
            source.Key.Run(() =>
            {
                foreach (var (i, path) in source)
                {
                    sockets[i] = Open(path);
                }
            });
        }
    }

    private static Socket Open(ProbePath path) =>
        path.Protocol switch
        {
            PathProtocol.Tcp => new Socket(path.To.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            {
                // A reset, so that thousands of tries leave nothing waiting.
                LingerState = new LingerOption(true, 0),
            },
            PathProtocol.Udp => new Socket(path.To.AddressFamily, SocketType.Dgram, ProtocolType.Udp),
            _ => SctpSocket.Create(path.To.AddressFamily),
        };

    private static async Task<bool> IsOpenAsync(Socket socket, ProbePath path, CancellationToken cancel)
    {
        try
        {
            switch (path.Protocol)
            {
                case PathProtocol.Tcp:
                    await socket.ConnectAsync(path.To, cancel);
                    return true;
                case PathProtocol.Udp:
                    await socket.ConnectAsync(path.To, cancel);
                    await socket.SendAsync(ProbeServer.WhoAmI.ToArray(), cancel);
                    return await socket.ReceiveAsync(new byte[BufferBytes], cancel) > 0;
                default:
                    return await AssociateAsync(socket, path.To, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<bool> AssociateAsync(Socket socket, IPEndPoint to, CancellationToken cancel)
    {
        var from = (ushort)(49152 + (Interlocked.Increment(ref lastPort) & 0x3fff));
        await socket.ConnectAsync(new IPEndPoint(to.Address, 0), cancel);
        await socket.SendAsync(SctpPacket.Open(from, (ushort)to.Port), cancel);
        var buffer = new byte[BufferBytes];
        while (true)
        {
            // Every raw socket of the namespace gets all that comes from that address.
            var got = await socket.ReceiveAsync(buffer, cancel);
            if (SctpPacket.IsAnswer(SctpSocket.Payload(to.AddressFamily, buffer.AsSpan(0, got)), from, (ushort)to.Port))
            {
                return true;
            }
        }
    }
}
