using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Bench.Traffic;

/// <summary>
/// A namespace with one device and maps of its own, and a TCP connection from a client outside through a node port to an
/// endpoint on another node, which the program of tc has opened.
/// </summary>
internal sealed class ForwardingNode : IDisposable
{
    public const uint XdpPass = 2;
    public const uint XdpTransmit = 3;

    private const uint TcRedirect = 7;
    private const uint Loopback = 1;
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const byte Syn = 2;
    private const byte Ack = 16;
    private const ushort ClientPort = 5000;
    private const ushort NodePort = 30080;
    private const ushort TargetPort = 8080;
    private const ushort TunnelPort = 8472;
    private const int Ethernet = 14;
    private const int Ipv4 = 20;
    private const int TunnelHeaders = 50;

    private static readonly Ip node = Ip.Parse("192.0.2.1");
    private static readonly Ip otherNode = Ip.Parse("192.0.2.2");
    private static readonly Ip client = Ip.Parse("192.0.2.3");
    private static readonly Ip endpoint = Ip.Parse("10.1.2.7");
    private static readonly MacAddress far = new(0x02_00_00_00_00_cc);

    private readonly NetworkNamespace host = NetworkNamespace.Create();
    private readonly int device;

    public ForwardingNode(bool vxlan)
    {
        host.Run(() => File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1"));
        using var routes = RouteSocket.Open(host);
        var up = new LinkChange { Up = true };
        routes.Execute(
            new RouteBatch()
                .AddVeth(new VethSpec { Name = "weft_out", PeerName = "weft_far" })
                .SetLink("weft_out", up)
                .SetLink("weft_far", up)
        );
        var link = routes.FindLink("weft_out")!;
        device = link.Index.Value;
        routes.Execute(new RouteBatch().AddAddress(link.Index, new Prefix(node, 24)));
        foreach (var neighbour in new[] { otherNode, client })
        {
            routes.Execute(
                new RouteBatch().AddNeighbour(
                    new Neighbour
                    {
                        Link = link.Index,
                        Address = neighbour,
                        Mac = far,
                    }
                )
            );
        }

        if (!vxlan)
        {
            routes.Execute(
                new RouteBatch().ReplaceRoute(
                    new Route
                    {
                        Destination = new Prefix(endpoint, 24),
                        Gateway = otherNode,
                        Link = link.Index,
                    }
                )
            );
        }

        Fill(vxlan);
        var opening = Segment(link.Mac, client, node, ClientPort, NodePort, Syn);
        var opened = host.Run(() => Datapath.Programs.FromNetdev.TestRun(opening, device)).Packet;
        // The endpoint's answer to what it got.
        var inside = opened.AsSpan(vxlan ? Ethernet + TunnelHeaders : Ethernet);
        var reply = Segment(
            link.Mac,
            endpoint,
            Ip.FromBytes(inside[12..16]),
            TargetPort,
            BinaryPrimitives.ReadUInt16BigEndian(inside[Ipv4..]),
            Ack
        );
        FromClient = Segment(link.Mac, client, node, ClientPort, NodePort, Ack);
        FromBackend = vxlan ? InTunnel(link.Mac, reply) : reply;
        Unknown = [.. FromClient];
        Unknown[12] = 0x88;
    }

    public LoadedDatapath Datapath { get; } = LoadedDatapath.Load(pinDirectory: null);

    /// <summary>A segment of the client's.</summary>
    public byte[] FromClient { get; }

    /// <summary>The endpoint's, as the other node sends it.</summary>
    public byte[] FromBackend { get; }

    /// <summary>A frame of another protocol.</summary>
    public byte[] Unknown { get; }

    /// <summary>Nanoseconds of one run.</summary>
    public double RunTc(BpfProgram program, byte[] frame) =>
        Time(host.Run(() => program.TestRun(frame, device)), TcRedirect);

    /// <summary>Nanoseconds of one run.</summary>
    public double RunXdp(BpfProgram program, byte[] frame, uint verdict) =>
        Time(host.Run(() => program.TestRunXdp(frame, device)), verdict);

    public void Dispose()
    {
        Datapath.Dispose();
        host.Dispose();
    }

    private static double Time(TestRunResult result, uint verdict) =>
        result.ReturnValue == verdict
            ? result.DurationNs
            : throw new BenchException($"the program returned {result.ReturnValue} and not {verdict}");

    private void Fill(bool vxlan)
    {
        Datapath.Config.Update(
            0,
            new ConfigValue
            {
                HostIfIndex = Loopback,
                OverlayIfIndex = vxlan ? Loopback : 0,
                NatPortFirst = 20000,
                NatPortCount = 1000,
                TunnelPortNetwork = ConfigValue.ToNetwork(TunnelPort),
                Masquerades = 1,
            }
        );
        Datapath.Devices.Update((uint)device, DeviceValue.Of(node, null));
        Datapath.Devices.Update(Loopback, DeviceValue.Of(node, null));
        Know(node.ToPrefix(), default, PeerKind.Self);
        Know(otherNode.ToPrefix(), otherNode, PeerKind.Node);
        Know(endpoint.ToPrefix(), otherNode, PeerKind.Pod);
        Datapath.Backends.Update(new BackendKey(1, 0), BackendValue.Of(endpoint, TargetPort));
        Datapath.Services.Update(
            ServiceKey.Of(node, NodePort, Tcp, ServiceSide.Outside),
            new ServiceValue
            {
                Number = 1,
                List = 1,
                Count = 1,
                Serving = 1,
            }
        );
    }

    private void Know(Prefix prefix, Ip at, PeerKind kind) =>
        Datapath.Peers.Update(PeerKey.From(prefix), new PeerValue { Node = MapAddress.From(at), Kind = kind });

    /// <summary>A TCP segment without data. Its own checksum is 0: nobody here verifies it.</summary>
    private static byte[] Segment(MacAddress to, Ip source, Ip destination, ushort sourcePort, ushort port, byte flags)
    {
        var frame = Frame(to, source, destination, Tcp, new byte[20]);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(Ethernet + Ipv4), sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(Ethernet + Ipv4 + 2), port);
        frame[Ethernet + Ipv4 + 12] = 0x50;
        frame[Ethernet + Ipv4 + 13] = flags;
        return frame;
    }

    /// <summary>RFC 7348 section 5, as nodes send it.</summary>
    private static byte[] InTunnel(MacAddress to, byte[] inside)
    {
        byte[] vxlan = [0x08, 0, 0, 0, 0, 0, 1, 0];
        var udp = new byte[8];
        BinaryPrimitives.WriteUInt16BigEndian(udp, 50000);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(2), TunnelPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(4), (ushort)(udp.Length + vxlan.Length + inside.Length));
        return Frame(to, otherNode, node, Udp, [.. udp, .. vxlan, .. inside]);
    }

    private static byte[] Frame(MacAddress to, Ip source, Ip destination, byte protocol, byte[] payload)
    {
        var frame = new byte[Ethernet + Ipv4 + payload.Length];
        to.Write(frame);
        far.Write(frame.AsSpan(6));
        frame[12] = 0x08;
        var ip = frame.AsSpan(Ethernet);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(Ipv4 + payload.Length));
        ip[8] = 64;
        ip[9] = protocol;
        source.ToFamilyBytes().CopyTo(ip[12..]);
        destination.ToFamilyBytes().CopyTo(ip[16..]);
        payload.CopyTo(ip[Ipv4..]);
        return frame;
    }
}
