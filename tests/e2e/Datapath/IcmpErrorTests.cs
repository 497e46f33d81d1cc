using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>What goes wrong on the way is told to the one that sent.</summary>
[Collection(typeof(InSharedLabs))]
public sealed class IcmpErrorTests(SharedLabs labs)
{
    // <linux/in.h>, <linux/in6.h>: the path's MTU as a connected socket knows it, and never to fragment.
    private const int IpMtu = 14;
    private const int Ipv6Mtu = 24;
    private const int IpMtuDiscover = 10;
    private const int Ipv6MtuDiscover = 23;
    private const int DiscoverDo = 2;
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void A_closed_port_refuses_at_once(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        foreach (
            var (from, to) in ((Machine, Machine)[])
                [
                    (lab.A, lab.B),
                    (lab.A, lab.C),
                    (lab.A, lab.Nodes[0]),
                    (lab.A, lab.Nodes[1]),
                    (lab.A, lab.Outside),
                    (lab.Nodes[0], lab.A),
                    (lab.Nodes[0], lab.C),
                ]
        )
        {
            var closed = new IPEndPoint(to[family], 9);
            var watch = Stopwatch.StartNew();
            using var udp = from.UdpTo(closed);
            udp.Send("anybody?"u8);
            Assert.Equal(SocketError.ConnectionRefused, Traffic.ErrorOf(() => udp.ReceiveDatagram()));
            Assert.Equal(SocketError.ConnectionRefused, Traffic.ErrorOf(() => from.TcpTo(closed)));
            Assert.True(watch.Elapsed < AtOnce, $"{from} heard of {to}'s closed ports after {watch.Elapsed}");
        }
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void A_pod_that_listens_no_more_refuses_a_late_answer(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        using var server = lab.Outside.Udp(family);
        using (var pod = lab.A.UdpTo(server.LocalEndPoint!))
        {
            pod.Send("question"u8);
            server.Connect(server.ReceiveDatagram().From);
        }

        server.Send("late"u8);
        Assert.Equal(SocketError.ConnectionRefused, Traffic.ErrorOf(() => server.ReceiveDatagram()));
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void A_narrow_link_far_away_does_not_stop_tcp(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        using var far = new FarHost(lab.Outside);
        using var listener = far.Host.Listen(family);
        using var pod = lab.A.TcpTo(listener.LocalEndPoint!);
        using var server = listener.Accept();
        Assert.True(PathMtu(pod) > FarHost.NarrowMtu, "the way there is narrow from the start, so this tests nothing");
        Traffic.Upload(pod, server, Traffic.Bytes(1 << 20));
        Assert.Equal(FarHost.NarrowMtu, PathMtu(pod));
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void A_datagram_that_is_too_big_far_away_is_refused_the_next_time(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        using var far = new FarHost(lab.Outside);
        using var server = far.Host.Udp(family);
        using var pod = lab.B.UdpTo(server.LocalEndPoint!);
        var (level, option) = Option(family, IpMtuDiscover, Ipv6MtuDiscover);
        pod.SetRawSocketOption(level, option, BitConverter.GetBytes(DiscoverDo));
        pod.Send(Traffic.Bytes(1400));
        Traffic.Eventually("the pod knows the path's MTU", AtOnce, () => PathMtu(pod) == FarHost.NarrowMtu);
        Assert.Equal(SocketError.MessageSize, Traffic.ErrorOf(() => pod.Send(Traffic.Bytes(1400))));
        // The error that came by ICMP waits beside that one; reading it takes it off.
        Assert.NotEqual(0, pod.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error));
        server.AssertSilent();
        Traffic.Exchange(pod, server, Traffic.Bytes(1200));
    }

    /// <summary>As traceroute does: the node is the first hop, its gateway the second.</summary>
    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void Each_hop_to_the_world_says_when_a_packet_ends_there(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        using var far = new FarHost(lab.Outside);
        using var server = far.Host.Udp(family);
        using var icmp = lab.A.Icmp(family);
        var v4 = family == AddressFamily.InterNetwork;
        var node = IPAddress.Parse(v4 ? "10.244.1.1" : "fd00:10:244:1::1");
        var gateway = IPAddress.Parse(v4 ? "192.0.2.1" : "fd00:c0::1");
        foreach (var (hop, ttl) in ((IPAddress, short)[])[(node, 1), (gateway, 2)])
        {
            using var pod = lab.A.UdpTo(server.LocalEndPoint!);
            pod.Ttl = ttl;
            pod.Send("how far?"u8);
            Assert.Equal(hop, IcmpMessage.Receive(icmp, message => message.IsTimeExceeded).From);
        }

        using var third = lab.A.UdpTo(server.LocalEndPoint!);
        third.Ttl = 3;
        third.Send("here"u8);
        Assert.Equal("here", server.ReceiveText());
    }

    private static int PathMtu(Socket connected)
    {
        var (level, option) = Option(connected.AddressFamily, IpMtu, Ipv6Mtu);
        var value = new byte[sizeof(int)];
        connected.GetRawSocketOption(level, option, value);
        return BitConverter.ToInt32(value);
    }

    private static (int Level, int Option) Option(AddressFamily family, int v4, int v6) =>
        family == AddressFamily.InterNetwork ? (0, v4) : (41, v6);
}
