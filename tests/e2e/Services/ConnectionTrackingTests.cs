using System.Net;
using System.Net.Sockets;
using Weft.Lab;
using Weft.Netlink;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>Kubernetes' own cases about what a proxy knows of connections: UDP's have no end, and TCP's must not be broken.</summary>
[Collection(typeof(MachineWide))]
public sealed class ConnectionTrackingTests(ConnectionTrackingTests.Fixture fixture)
    : IClassFixture<ConnectionTrackingTests.Fixture>
{
    private const int PatienceMs = 20_000;
    private const int StrayPort = 7070;
    private readonly ServiceLab lab = fixture.Lab;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_UDP_client_that_always_sends_from_one_port_moves_when_its_endpoint_ends(int family)
    {
        var name = $"moved-{family}";
        lab.Apply(Serving($"{name}-1", ServiceLab.TargetPort));
        lab.Service(
            name,
            name,
            "NodePort",
            """{"ports": [{"name": "udp", "port": 80, "protocol": "UDP", "targetPort": "asked"}]}"""
        );
        using var clients = ClientsOf(name, family);
        clients.AllMeet($"{name}-1");
        // On another node, and on another port.
        lab.Apply(Serving($"{name}-2", 9191).Replace("node2", "node1", StringComparison.Ordinal));
        lab.Kubectl("wait", "pod", $"{name}-2", "--for=condition=Ready", "--timeout=60s");
        lab.Kubectl("delete", "pod", $"{name}-1", "--wait=true");
        clients.AllMeet($"{name}-2");

        string Serving(string pod, int at) =>
            ServicePods.WithContainer(
                ServicePods.Server(pod, 2, name, at),
                $"ports: [{{name: asked, containerPort: {at}, protocol: UDP}}]"
            );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_UDP_client_that_was_refused_meets_the_endpoint_as_soon_as_it_is_ready(int family)
    {
        var name = $"readied-{family}";
        var isReady = $"{lab.Lab.Directory}/{name}";
        lab.Apply(
            ServicePods.WithContainer(
                ServicePods.Server(name, 2, name),
                $$"""readinessProbe: {exec: {command: ["test", "-e", "{{isReady}}"]}, periodSeconds: 1}"""
            )
        );
        lab.Service(name, name, "NodePort");
        foreach (var node in (int[])[1, 2])
        {
            ServiceLab.Eventually(
                () =>
                    lab.FromOutside(
                        ProtocolType.Tcp,
                        ServiceLab.AddressesOf(node)[family],
                        lab.NodePortOf(name, ProtocolType.Tcp)
                    ),
                answer => answer.Problem?.Contains("refused", StringComparison.Ordinal) == true
            );
        }

        using var clients = ClientsOf(name, family);
        clients.NobodyMeetsAny();
        File.WriteAllText(isReady, "");
        clients.AllMeet(name);
    }

    [Theory]
    [InlineData("outside")]
    [InlineData("apart")]
    public void A_segment_outside_of_the_window_comes_in_the_Services_name_and_resets_nothing(string from)
    {
        var name = $"stray-{from}";
        lab.Service(
            name,
            "",
            "NodePort",
            $$"""{"selector": {"pod": "web-2"}, "ports": [{"port": 80, "targetPort": {{StrayPort}}}]}"""
        );
        using var serving = lab.NetworkOf("web-2");
        using var calling = from == "outside" ? lab.NetworkOutside() : lab.NetworkOf(from);
        var service =
            from == "outside"
                ? new IPEndPoint(ServiceLab.AddressesOf(1)[0], lab.NodePortOf(name))
                : new IPEndPoint(lab.ClusterIPsOf(name)[0], 80);
        using var listener = Open(serving, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Any, StrayPort));
        listener.Listen();
        using var client = ConnectEventually(calling, service);
        using var server = listener.Accept();
        server.ReceiveTimeout = PatienceMs;
        Assert.True(Carries(client, server));

        using var heard = OpenRaw(calling);
        heard.Bind(new IPEndPoint(IPAddress.Any, 0));
        using var forged = OpenRaw(serving);
        // Where the window is, nobody here knows: of two numbers so far apart it has one at most.
        foreach (var sequence in (uint[])[0, 1u << 31])
        {
            forged.SendTo(
                StraySegment.Of((IPEndPoint)server.LocalEndPoint!, (IPEndPoint)server.RemoteEndPoint!, sequence),
                new IPEndPoint(((IPEndPoint)server.RemoteEndPoint!).Address, 0)
            );
            while (!StraySegment.IsOne(heard, service, sequence)) { }
        }

        Assert.True(Carries(client, server));
        Assert.True(Carries(server, client));
    }

    private UdpClients ClientsOf(string name, int family)
    {
        var clusterIP = new IPEndPoint(lab.ClusterIPsOf(name)[family], 80);
        var port = lab.NodePortOf(name, ProtocolType.Udp);
        var clients = new UdpClients();
        foreach (var node in (int[])[1, 2])
        {
            clients.Add(
                $"outside through node {node}",
                lab.UdpSocket(clusterIP.AddressFamily),
                new IPEndPoint(ServiceLab.AddressesOf(node)[family], port)
            );
            clients.Add($"node {node}", lab.UdpSocket(clusterIP.AddressFamily, node), clusterIP);
        }

        clients.Add("a pod", lab.UdpSocket(clusterIP.AddressFamily, 1, "client-1"), clusterIP);
        clients.Add("a pod apart", lab.UdpSocket(clusterIP.AddressFamily, 1, "apart"), clusterIP);
        return clients;
    }

    private static Socket Open(NetworkNamespace network, ProtocolType protocol) =>
        network.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, protocol));

    /// <summary>Hears every TCP segment that comes in, with its IPv4 header, and sends them without.</summary>
    private static Socket OpenRaw(NetworkNamespace network) =>
        network.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Tcp) { ReceiveTimeout = PatienceMs }
        );

    private static Socket ConnectEventually(NetworkNamespace network, IPEndPoint service)
    {
        Socket? connected = null;
        Waiting.Eventually(
            $"{service} is served",
            () =>
            {
                var socket = Open(network, ProtocolType.Tcp);
                socket.ReceiveTimeout = PatienceMs;
                try
                {
                    socket.Connect(service);
                    connected = socket;
                    return true;
                }
                catch (SocketException)
                {
                    socket.Dispose();
                    return false;
                }
            }
        );
        return connected!;
    }

    private static bool Carries(Socket from, Socket to)
    {
        from.Send("x"u8);
        var got = new byte[1];
        return to.Receive(got) == 1 && got[0] == 'x';
    }

    public sealed class Fixture : IDisposable
    {
        internal ServiceLab Lab { get; } = new("native");

        public void Dispose() => Lab.Dispose();
    }
}
