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
        using var listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        using var datagrams = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        listener.DualMode = datagrams.DualMode = true;
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
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
                EndPoint from = new IPEndPoint(IPAddress.IPv6Any, 0);
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
