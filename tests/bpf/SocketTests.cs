using System.Net;
using System.Net.Sockets;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.Bpf;

/// <summary>
/// bpf/cgroup: real sockets of this process, in a control group and a network namespace of the test's own, that talk
/// to Services whose backends are this process's too.
/// </summary>
public sealed class SocketTests : IDisposable
{
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const ushort Port = 80;
    private const int SocketLevel = 1;
    private const int NetnsCookie = 71;
    private readonly DatapathFixture fixture = new();
    private readonly ScratchCgroup cgroup = new();
    private readonly NetworkNamespace network = NetworkNamespace.Create();

    public SocketTests()
    {
        foreach (var (call, program) in fixture.Datapath.Programs.Sockets)
        {
            Assert.True(CgroupHook.Attach(cgroup.Path, call, program));
        }

        network.Run(() =>
        {
            using var socket = RouteSocket.Open();
            var loopback = socket.FindLink("lo")!;
            socket.Execute(new RouteBatch().SetLink(loopback.Index, new LinkChange { Up = true }));
        });
    }

    private LoadedDatapath Datapath => fixture.Datapath;

    /// <summary>What a Service is addressed by, and where its backends listen; the last by an IPv6 socket.</summary>
    public static TheoryData<string, string, AddressFamily> Families =>
        new()
        {
            { "10.96.0.1", "127.0.0.1", AddressFamily.InterNetwork },
            { "fd00:96::1", "::1", AddressFamily.InterNetworkV6 },
            { "10.96.0.1", "127.0.0.1", AddressFamily.InterNetworkV6 },
        };

    public void Dispose()
    {
        network.Dispose();
        foreach (var call in Datapath.Programs.Sockets.Keys)
        {
            CgroupHook.Detach(cgroup.Path, call);
        }

        cgroup.Dispose();
        fixture.Reset();
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_socket_that_connects_to_a_Service_talks_to_a_backend_and_is_told_the_Service(
        string service,
        string backend,
        AddressFamily family
    ) =>
        network.Run(() =>
        {
            using var server = Listen(backend);
            Serve(service, Tcp, [server]);
            using var client = Connect(service, family);
            Assert.Equal(Address(service, Port, family), client.RemoteEndPoint);
            using var accepted = server.Accept();
            Assert.Equal(1, client.Send([7]));
            Assert.Equal(1, accepted.Receive(new byte[1]));
        });

    [Theory]
    [MemberData(nameof(Families))]
    public void Datagrams_of_one_socket_stay_with_one_backend_and_answers_come_from_the_Service(
        string service,
        string backend,
        AddressFamily family
    ) =>
        network.Run(() =>
        {
            using var first = Bind(backend);
            using var second = Bind(backend);
            Serve(service, Udp, [first, second]);
            using var client = Client(family, SocketType.Dgram, ProtocolType.Udp);
            var chosen = SendAndSee(client, service, first, second);
            for (var i = 0; i < 20; i++)
            {
                Assert.Same(chosen, SendAndSee(client, service, first, second));
            }

            var from = Address(service, Port, family);
            Assert.Equal(1, Answer(chosen, client, family, out var sender));
            Assert.Equal(from, sender);
        });

    [Fact]
    public void Datagrams_leave_a_backend_that_serves_no_more_and_stay_with_one_that_takes_nothing_new() =>
        network.Run(() =>
        {
            using var first = Bind("127.0.0.1");
            using var second = Bind("127.0.0.1");
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            Serve("10.96.0.1", Udp, [first]);
            Assert.Same(first, SendAndSee(client, "10.96.0.1", first, second));

            // Terminating: it serves, behind those for new connections.
            Serve("10.96.0.1", Udp, [second], serving: [first]);
            Assert.Same(first, SendAndSee(client, "10.96.0.1", first, second));

            Serve("10.96.0.1", Udp, []);
            Assert.Same(first, SendAndSee(client, "10.96.0.1", first, second));

            Serve("10.96.0.1", Udp, [second]);
            Assert.Same(second, SendAndSee(client, "10.96.0.1", first, second));
        });

    [Fact]
    public void A_Service_without_backends_refuses() =>
        network.Run(() =>
        {
            Serve("10.96.0.1", Tcp, []);
            Assert.Equal(SocketError.ConnectionRefused, ConnectFails("10.96.0.1"));
            Serve("10.96.0.1", Udp, []);
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var refused = Assert.Throws<SocketException>(() => client.SendTo([1], Address("10.96.0.1", Port)));
            Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        });

    [Fact]
    public void One_that_drops_for_want_of_a_local_backend_is_unreachable_and_counted() =>
        network.Run(() =>
        {
            var before = NoBackend();
            Serve("10.96.0.1", Tcp, [], flags: ServiceFlags.Drops);
            Assert.Equal(SocketError.HostUnreachable, ConnectFails("10.96.0.1"));
            Assert.Equal(before + 1, NoBackend());
        });

    [Fact]
    public void Ports_that_a_Service_does_not_have_are_as_its_address_says() =>
        network.Run(() =>
        {
            using var server = Listen("127.0.0.1");
            Serve("10.96.0.1", Tcp, [server]);
            Datapath.Services.Update(ServiceKey.Of(Ip.Parse("10.96.0.1"), 0, 0, ServiceSide.Inside), default);
            Assert.Equal(SocketError.ConnectionRefused, ConnectFails("10.96.0.1", 81));
            using var client = Connect("10.96.0.1");
        });

    [Fact]
    public void A_client_keeps_its_backend_as_long_as_the_list_has_it_and_its_time_is_not_over() =>
        network.Run(() =>
        {
            Socket[] servers = [Listen("127.0.0.1"), Listen("127.0.0.1"), Listen("127.0.0.1"), Listen("127.0.0.1")];
            try
            {
                Serve("10.96.0.1", Tcp, servers, affinity: 3600);
                var chosen = ConnectAndSee(servers);
                for (var i = 0; i < 20; i++)
                {
                    Assert.Same(chosen, ConnectAndSee(servers));
                }

                // Another list, another slot, still there.
                Serve("10.96.0.1", Tcp, [.. servers.Reverse()], affinity: 3600);
                for (var i = 0; i < 20; i++)
                {
                    Assert.Same(chosen, ConnectAndSee(servers));
                }

                Serve("10.96.0.1", Tcp, [.. servers.Except([chosen])], affinity: 3600);
                var next = ConnectAndSee(servers);
                Assert.NotSame(chosen, next);
                Serve("10.96.0.1", Tcp, servers, affinity: 3600);
                Assert.Same(next, ConnectAndSee(servers));

                // As if an hour had gone by.
                var (client, held) = Assert.Single(Datapath.Affinity.ToDictionary());
                Datapath.Affinity.Update(client, held with { UsedNs = 1 });
                Assert.Contains(Enumerable.Range(0, 100), _ => Chooses(servers, next, client));
            }
            finally
            {
                Array.ForEach(servers, server => server.Dispose());
            }
        });

    [Fact]
    public void Source_ranges_are_judged_for_the_node_here_and_left_to_packets_for_pods() =>
        network.Run(() =>
        {
            using var server = Listen("127.0.0.1");
            Serve("10.96.0.1", Tcp, [server], flags: ServiceFlags.HasSourceRanges);
            // A pod's: as if there were no Service, and nothing else has this address.
            Assert.Equal(SocketError.NetworkUnreachable, ConnectFails("10.96.0.1"));

            fixture.NodeNetwork(Cookie());
            Assert.Equal(SocketError.HostUnreachable, ConnectFails("10.96.0.1"));
            Serve("10.96.0.1", Tcp, [server], flags: ServiceFlags.HasSourceRanges | ServiceFlags.AdmitsNode);
            using var client = Connect("10.96.0.1");
        });

    [Fact]
    public void Sockets_of_a_namespace_that_is_left_alone_are_not_translated() =>
        network.Run(() =>
        {
            using var server = Listen("127.0.0.1");
            Serve("10.96.0.1", Tcp, [server]);
            Datapath.PacketOnly.Update(Cookie(), 0);
            Assert.Equal(SocketError.NetworkUnreachable, ConnectFails("10.96.0.1"));
            Datapath.PacketOnly.Remove(Cookie());
            using var client = Connect("10.96.0.1");
        });

    [Fact]
    public void A_port_that_a_Service_has_on_this_node_is_not_given_to_a_process_of_the_node() =>
        network.Run(() =>
        {
            Datapath.NodePorts.Update(NodePort.Of(30080, Tcp), 0);
            // A pod's ports are its own.
            BindTo(IPAddress.Any);

            fixture.NodeNetwork(Cookie());
            foreach (var address in new[] { IPAddress.Any, IPAddress.IPv6Any })
            {
                var taken = Assert.Throws<SocketException>(() => BindTo(address));
                Assert.Equal(SocketError.AddressAlreadyInUse, taken.SocketErrorCode);
            }

            BindTo(IPAddress.Loopback);
            BindTo(IPAddress.IPv6Loopback);
        });

    private static void BindTo(IPAddress address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 30080));
    }

    private bool Chooses(Socket[] servers, Socket not, AffinityKey client)
    {
        Datapath.Affinity.Remove(client);
        return ConnectAndSee(servers) != not;
    }

    private long NoBackend() =>
        (long)
            Datapath
                .ReadDrops()
                .Where(drop => drop.Reason.Name == "NO_BACKEND")
                .Sum(drop => (double)drop.Count.Packets);

    /// <summary>Puts a Service in force, under a list of its own.</summary>
    private void Serve(
        string service,
        byte protocol,
        IReadOnlyList<Socket> backends,
        IReadOnlyList<Socket>? serving = null,
        uint affinity = 0,
        ServiceFlags flags = ServiceFlags.None
    ) =>
        fixture.Serve(
            Ip.Parse(service),
            Port,
            protocol,
            [.. backends.Select(Here)],
            [.. (serving ?? []).Select(Here)],
            affinity,
            flags
        );

    private static (Ip, ushort) Here(Socket socket)
    {
        var here = (IPEndPoint)socket.LocalEndPoint!;
        return (Ip.Parse(here.Address.ToString()), (ushort)here.Port);
    }

    private static ulong Cookie()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Span<byte> cookie = stackalloc byte[sizeof(ulong)];
        socket.GetRawSocketOption(SocketLevel, NetnsCookie, cookie);
        return BitConverter.ToUInt64(cookie);
    }

    private static Socket Listen(string address)
    {
        var ip = IPAddress.Parse(address);
        var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(ip, 0));
        socket.Listen();
        return socket;
    }

    private static Socket Bind(string address)
    {
        var ip = IPAddress.Parse(address);
        var socket = new Socket(ip.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(ip, 0));
        return socket;
    }

    private static IPEndPoint Address(string address, int port, AddressFamily family = AddressFamily.InterNetwork)
    {
        var ip = IPAddress.Parse(address);
        return new IPEndPoint(family == AddressFamily.InterNetworkV6 ? ip.MapToIPv6() : ip, port);
    }

    private static Socket Client(AddressFamily family, SocketType type, ProtocolType protocol) =>
        family == AddressFamily.InterNetworkV6
            ? new Socket(family, type, protocol) { DualMode = true }
            : new Socket(family, type, protocol);

    private static Socket Connect(string address, AddressFamily family = AddressFamily.InterNetwork, int port = Port)
    {
        var socket = Client(family, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(Address(address, port, family));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SocketError ConnectFails(string address, int port = Port) =>
        Assert.Throws<SocketException>(() => Connect(address, port: port)).SocketErrorCode;

    private static Socket ConnectAndSee(Socket[] servers)
    {
        using var client = Connect("10.96.0.1");
        var chosen = servers.Single(server => server.Poll(0, SelectMode.SelectRead));
        chosen.Accept().Dispose();
        return chosen;
    }

    private static Socket SendAndSee(Socket client, string service, params Socket[] servers)
    {
        client.SendTo([1], Address(service, Port, client.AddressFamily));
        var chosen = servers.Single(server => server.Poll(0, SelectMode.SelectRead));
        Assert.Equal(1, chosen.Receive(new byte[1]));
        return chosen;
    }

    private static int Answer(Socket server, Socket client, AddressFamily family, out EndPoint sender)
    {
        var to = (IPEndPoint)client.LocalEndPoint!;
        var here = (IPEndPoint)server.LocalEndPoint!;
        server.SendTo([2], new IPEndPoint(here.Address, to.Port));
        sender = new IPEndPoint(family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        return client.ReceiveFrom(new byte[1], ref sender);
    }
}
