using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Netlink;

namespace Weft.Lab.Daemon.Relaying;

/// <summary>Accepts in one network namespace and connects in another; what goes through is not looked at.</summary>
internal static class Relay
{
    public static async Task RunAsync(
        string kubeconfig,
        string nodesKubeconfig,
        IPEndPoint listen,
        string netns,
        ILogger log,
        CancellationToken cancel
    )
    {
        var server = ClusterConnection.FromKubeconfig(kubeconfig).Server;
        using var machine = NetworkNamespace.Current();
        using var listener = Listen(netns, listen);
        NodesKubeconfig.Write(kubeconfig, nodesKubeconfig, listen, server.Host);
        while (true)
        {
            _ = CarryAsync(await listener.AcceptAsync(cancel), machine, server, log, cancel);
        }
    }

    private static Socket Listen(string netns, IPEndPoint at)
    {
        using var network = NetworkNamespace.Open(netns);
        var socket = network.Run(() => new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        socket.Bind(at);
        socket.Listen();
        return socket;
    }

    /// <summary>Each side's end is the other's: so a half-closed connection is carried too.</summary>
    private static async Task CarryAsync(
        Socket near,
        NetworkNamespace machine,
        Uri server,
        ILogger log,
        CancellationToken cancel
    )
    {
        // A thread that a thread of the nodes' namespace started is in it too, and the pool's threads may be such.
        using var far = machine.Run(() => new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        using (near)
        {
            try
            {
                near.NoDelay = true;
                await far.ConnectAsync(server.IdnHost, server.Port, cancel);
                await Task.WhenAll(CopyAsync(near, far, cancel), CopyAsync(far, near, cancel));
            }
            catch (SocketException e)
            {
                RelayLog.Broken(log, server, e.Message);
            }
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationToken cancel)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReceiveAsync(buffer, cancel) is > 0 and var got)
        {
            for (var sent = 0; sent < got; )
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, got - sent), cancel);
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }
}

internal static partial class RelayLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "a connection to {Server} broke: {Problem}")]
    public static partial void Broken(ILogger log, Uri server, string problem);
}
