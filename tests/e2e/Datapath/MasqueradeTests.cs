using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>The world sees the node, and its answers find the pod that asked.</summary>
[Collection(typeof(InSharedLabs))]
public sealed class MasqueradeTests(SharedLabs labs)
{
    private const int FirstPort = 1024;
    private const int LastPort = 29999;

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void The_world_sees_the_node_over_tcp_and_udp(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        foreach (var (pod, node) in ((Machine, Machine)[])[(lab.A, lab.Nodes[0]), (lab.C, lab.Nodes[1])])
        {
            Assert.Equal(node[family], Traffic.Tcp(pod, lab.Outside, family));
            Assert.Equal(node[family], Traffic.Udp(pod, lab.Outside, family));
        }
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void Echoes_of_two_pods_with_one_identifier_stay_apart(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        using var outside = lab.Outside.Icmp(family);
        using var first = lab.A.Icmp(family);
        using var second = lab.B.Icmp(family);
        var identifiers = new HashSet<int>();
        foreach (var (pod, sequence) in ((Socket, ushort)[])[(first, 1), (second, 2)])
        {
            pod.SendTo(
                IcmpMessage.EchoRequest(family, identifier: 77, sequence),
                new IPEndPoint(lab.Outside[family], 0)
            );
            var (request, from) = IcmpMessage.Receive(outside, m => m.IsEchoRequest && m.Sequence == sequence);
            Assert.Equal(lab.Nodes[0][family], from);
            Assert.True(identifiers.Add(request.Identifier), "both have the same identifier outside");
        }

        foreach (var (pod, sequence) in ((Socket, ushort)[])[(first, 1), (second, 2)])
        {
            var (reply, from) = IcmpMessage.Receive(pod, m => m.IsEchoReply);
            Assert.Equal((77, sequence, lab.Outside[family]), (reply.Identifier, reply.Sequence, from));
        }
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void Five_hundred_flows_from_the_same_ports_stay_apart(string routing, AddressFamily family)
    {
        const int PerPod = 250;
        const int PodPort = 20000;
        var lab = labs[routing];
        using var server = lab.Outside.Udp(family);
        server.ReceiveBufferSize = 1 << 20;
        var clients = new Dictionary<string, Socket>();
        try
        {
            foreach (var pod in (Machine[])[lab.A, lab.B])
            {
                for (var port = PodPort; port < PodPort + PerPod; port++)
                {
                    clients.Add($"{pod}:{port}", pod.UdpTo(server.LocalEndPoint!, port));
                }
            }

            foreach (var (name, client) in clients)
            {
                client.Send(Encoding.ASCII.GetBytes(name));
            }

            var seen = new Dictionary<IPEndPoint, string>();
            while (seen.Count < clients.Count)
            {
                var (name, from) = server.ReceiveDatagram();
                Assert.True(seen.TryAdd(from, Encoding.ASCII.GetString(name)), $"two flows are {from} outside");
                Assert.Equal(lab.Nodes[0][family], from.Address);
                Assert.InRange(from.Port, FirstPort, LastPort);
            }

            foreach (var (from, name) in seen)
            {
                server.SendTo(Encoding.ASCII.GetBytes(name), from);
            }

            foreach (var (name, client) in clients)
            {
                Assert.Equal(name, client.ReceiveText());
            }
        }
        finally
        {
            foreach (var client in clients.Values)
            {
                client.Dispose();
            }
        }
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void Connections_from_one_port_stay_apart(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        using var listener = lab.Outside.Listen(family);
        var streams = new List<(Socket Client, Socket Server)>();
        try
        {
            for (var i = 0; i < 50; i++)
            {
                foreach (var pod in (Machine[])[lab.A, lab.B])
                {
                    var client = pod.TcpTo(listener.LocalEndPoint!);
                    streams.Add((client, listener.Accept()));
                }
            }

            Assert.Equal(streams.Count, streams.Select(stream => stream.Server.RemoteEndPoint).Distinct().Count());
            foreach (var (number, (client, server)) in streams.Index())
            {
                server.Send(BitConverter.GetBytes(number));
                var buffer = new byte[sizeof(int)];
                Assert.Equal(buffer.Length, client.Receive(buffer));
                Assert.Equal(number, BitConverter.ToInt32(buffer));
            }
        }
        finally
        {
            foreach (var (client, server) in streams)
            {
                client.Dispose();
                server.Dispose();
            }
        }
    }

    /// <summary>Filtering is by the remote address and port (RFC 4787 section 5): what a pod did not ask, nobody tells it.</summary>
    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void Only_the_one_that_was_asked_can_answer(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        using var asked = lab.Outside.Udp(family);
        using var stranger = lab.Outside.Udp(family);
        using var pod = lab.A.Udp(family);
        pod.SendTo("question"u8, asked.LocalEndPoint!);
        var (_, mapped) = asked.ReceiveDatagram();

        stranger.Connect(mapped);
        stranger.Send("made up"u8);
        Assert.Equal(SocketError.ConnectionRefused, Traffic.ErrorOf(() => stranger.ReceiveDatagram()));
        pod.AssertSilent();

        asked.SendTo("answer"u8, mapped);
        Assert.Equal("answer", pod.ReceiveText());
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void The_nodes_own_traffic_keeps_its_ports(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        using var server = lab.Outside.Udp(family);
        using var host = lab.Nodes[0].UdpTo(server.LocalEndPoint!);
        Assert.Equal(host.LocalEndPoint, Traffic.Exchange(host, server, Traffic.Bytes(100)));

        // A port of the masquerading range that a process of the host has.
        using var inRange = lab.Nodes[0].UdpTo(server.LocalEndPoint!, port: 5353);
        Assert.Equal(inRange.LocalEndPoint, Traffic.Exchange(inRange, server, Traffic.Bytes(100)));
    }
}
