using System.Globalization;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services;
using Weft.Services.Frontends;

namespace Weft.Agent.Services;

/// <summary>
/// Node ports that a process of the node has had since before the Service. It goes on listening and is not reached from
/// outside any more. Later processes cannot take such a port: the map <c>node_ports</c> keeps it.
/// </summary>
internal static class TakenPorts
{
    private const string TcpListen = "0A";
    private const string UdpUnconnected = "07";

    /// <summary>One problem for each port.</summary>
    /// <param name="frontends">Frontends that have come.</param>
    public static IEnumerable<ServiceProblem> Of(IEnumerable<Frontend> frontends)
    {
        var ports = frontends
            .Where(frontend => frontend.Kind == FrontendKind.NodePort)
            .Select(frontend => (frontend.Port.Service, frontend.Key.Protocol, frontend.Key.Port))
            .Distinct()
            .ToList();
        // Reading the sockets of a node takes milliseconds: not for nothing.
        return ports.Count == 0 ? [] : Of(ports, Listening());
    }

    internal static IEnumerable<ServiceProblem> Of(
        IEnumerable<(ObjectKey Service, Transport Protocol, ushort Port)> ports,
        IReadOnlySet<(Transport, ushort)> listening
    ) =>
        ports
            .Where(port => listening.Contains((port.Protocol, port.Port)))
            .Select(port => new ServiceProblem(
                port.Service,
                "NodePortTaken",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a process of the node has {port.Protocol.ToString().ToUpperInvariant()} port {port.Port}; what comes there goes to the Service, so stop the process or choose another nodePort"
                )
            ));

    /// <summary>Of this thread's network namespace.</summary>
    private static HashSet<(Transport, ushort)> Listening() =>
        [
            .. Sockets("tcp", TcpListen).Select(port => (Transport.Tcp, port)),
            .. Sockets("udp", UdpUnconnected).Select(port => (Transport.Udp, port)),
        ];

    private static IEnumerable<ushort> Sockets(string protocol, string state) =>
        ((string[])[$"/proc/thread-self/net/{protocol}", $"/proc/thread-self/net/{protocol}6"])
            // A kernel without IPv6 has one of each.
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .SelectMany(line => PortOf(line, state) is { } port ? (ushort[])[port] : []);

    /// <summary>
    /// The local port of a line of /proc/net/tcp and the like (proc(5)), if the socket is in this state; null on
    /// loopback, where no node port is served.
    /// </summary>
    internal static ushort? PortOf(string line, string state)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return
            fields.Length > 3
            && fields[3] == state
            && fields[1].Split(':') is [var address, var port]
            && !IsLoopback(address)
            && ushort.TryParse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }

    /// <summary>32-bit words in the machine's order: 127.0.0.1 is 0100007F.</summary>
    private static bool IsLoopback(string address) =>
        address.Length == 8 ? address.EndsWith("7F", StringComparison.Ordinal)
        : address.StartsWith("0000000000000000FFFF0000", StringComparison.Ordinal)
            ? address.EndsWith("7F", StringComparison.Ordinal)
        : address == "00000000000000000000000001000000";
}
