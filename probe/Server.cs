using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Probe;

/// <summary>Tells everybody its name and the address they are seen under, over HTTP/1.0 and in datagrams.</summary>
internal static class Server
{
    private const int LargestRequest = 4096;

    /// <summary>Serves all addresses of both families, and does not return.</summary>
    public static void Run(int port, string name)
    {
        // Sockets of no named family take both, or IPv4 where the kernel has no IPv6.
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var datagrams = new Socket(SocketType.Dgram, ProtocolType.Udp);
        listener.Bind(Any(listener, port));
        datagrams.Bind(listener.LocalEndPoint!);
        listener.Listen();
        Console.WriteLine($"{name} serves {listener.LocalEndPoint}");
        new Thread(() => Answer(datagrams, name)) { IsBackground = true }.Start();
        while (true)
        {
            var client = listener.Accept();
            new Thread(() => Answer(client, name, client.RemoteEndPoint!)) { IsBackground = true }.Start();
        }
    }

    private static IPEndPoint Any(Socket socket, int port) =>
        new(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, port);

    private static void Answer(Socket client, string name, EndPoint from)
    {
        using (client)
        {
            try
            {
                client.ReceiveTimeout = client.SendTimeout = 5000;
                client.Receive(new byte[LargestRequest]);
                var body = Text(name, from);
                client.Send(Encoding.ASCII.GetBytes($"HTTP/1.0 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
                client.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // The client went away.
            }
        }
    }

    private static void Answer(Socket datagrams, string name)
    {
        var buffer = new byte[LargestRequest];
        while (true)
        {
            try
            {
                EndPoint from = Any(datagrams, 0);
                datagrams.ReceiveFrom(buffer, ref from);
                datagrams.SendTo(Encoding.ASCII.GetBytes(Text(name, from)), from);
            }
            catch (SocketException)
            {
                // An ICMP error for an earlier answer, or no way back to this client.
            }
        }
    }

    private static string Text(string name, EndPoint from)
    {
        var address = ((IPEndPoint)from).Address;
        return $"{name} {(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}\n";
    }
}
