using Microsoft.Extensions.Logging;
using Weft.Agent.Endpoints;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Net;
using Weft.Netlink;
using Weft.Services;

namespace Weft.Agent.Services;

/// <summary>
/// UDP sockets that are connected to a Service and whose endpoint has gone: no program meets what such a socket sends,
/// which has had its endpoint's address since it was connected. They are closed, which their owners see as ECONNABORTED.
/// (One that names the Service with each datagram is given another endpoint, see bpf/cgroup/socket.h.)
/// </summary>
internal sealed partial class LeftSockets(
    NodeServices services,
    BpfMap<SocketKey, SocketPeer> sockets,
    Func<IEnumerable<Endpoint>> endpoints,
    ILogger logger
)
{
    // Endpoints of a rolling update go one after the other: looking through all namespaces takes milliseconds.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Signal gone = new();
    private bool saidFailure;

    /// <summary>Closes sockets whenever UDP endpoints have gone, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        services.UdpEndpointsGone += gone.Set;
        // Some may have gone while no agent was there.
        gone.Set();
        while (true)
        {
            await gone.WaitAsync(cancellation);
            if (services.IsInForce && Find() is { Count: > 0 } left)
            {
                CloseIn("this node's", UdpSockets.Open, left);
                foreach (var endpoint in endpoints().Where(endpoint => endpoint.Netns is not null))
                {
                    CloseIn($"that of {endpoint.Id}", () => OpenIn(endpoint.Netns!), left);
                }
            }

            await Task.Delay(Pause, cancellation);
        }
    }

    /// <summary>By cookie, the endpoint that each is connected to.</summary>
    private Dictionary<ulong, TransportAddress> Find()
    {
        var found = new Dictionary<ulong, TransportAddress>();
        sockets.Walk(
            (key, value) =>
            {
                if (key.Way != SocketWay.FromBackend)
                {
                    return;
                }

                // The map does not tell TCP sockets from UDP ones; only UDP ones are closed, by their cookies.
                var endpoint = Udp(key.Address, key.PortNetwork);
                var service = Udp(value.Peer.Address, value.Peer.PortNetwork);
                if (services.Read(engine => engine.MustEnd(service, endpoint)))
                {
                    found[key.Cookie] = endpoint;
                }
            }
        );
        return found;
    }

    private void CloseIn(string whose, Func<UdpSockets> open, Dictionary<ulong, TransportAddress> left)
    {
        try
        {
            using var connected = open();
            foreach (var socket in connected.Connected())
            {
                if (
                    left.TryGetValue(socket.Cookie, out var endpoint)
                    && IsTo(socket, endpoint)
                    && connected.Close(socket)
                )
                {
                    LogClosed(endpoint, whose);
                }
            }
        }
        catch (Exception e) when (e is NetlinkException or NamespaceException)
        {
            // A namespace goes with its pod; more often than that the kernel or the mounts lack something.
            if (!saidFailure)
            {
                LogNotClosed(whose, e.Message);
            }

            saidFailure = true;
        }
    }

    private static UdpSockets OpenIn(string path)
    {
        using var netns = NetworkNamespace.Open(path);
        return UdpSockets.Open(netns);
    }

    private static bool IsTo(UdpSocket socket, TransportAddress endpoint) =>
        socket.Remote == endpoint.Address && socket.RemotePort == endpoint.Port;

    private static TransportAddress Udp(MapAddress address, ushort portNetwork) =>
        new(address.ToIp(), ConfigValue.ToHost(portNetwork), Transport.Udp);

    [LoggerMessage(
        LogLevel.Information,
        "Closed a UDP socket that was connected to a Service's endpoint {Endpoint}, which has gone; network namespace: {Whose}"
    )]
    private partial void LogClosed(TransportAddress endpoint, string whose);

    [LoggerMessage(
        LogLevel.Warning,
        "UDP sockets that are connected to endpoints that have gone stay as they are in some network namespaces; the first: {Whose}: {Reason}"
    )]
    private partial void LogNotClosed(string whose, string reason);
}
