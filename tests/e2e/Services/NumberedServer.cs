using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>Tells each TCP client its number, over both families, on a port of a pod.</summary>
internal sealed class NumberedServer : IDisposable
{
    private const int Backlog = 512;
    private readonly Socket listener;
    private readonly byte[] answer = new byte[sizeof(int)];

    public NumberedServer(int number, NetworkNamespace pod, int port)
    {
        BinaryPrimitives.WriteInt32BigEndian(answer, number);
        listener = pod.Run(() => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp));
        listener.DualMode = true;
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        listener.Listen(Backlog);
        _ = ServeAsync();
    }

    public void Dispose() => listener.Dispose();

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var client = await listener.AcceptAsync();
                await client.SendAsync(answer);
            }
            catch (SocketException) when (listener.SafeHandle is { IsClosed: false })
            {
                // The client went away.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
