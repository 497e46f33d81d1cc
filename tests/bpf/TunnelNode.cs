using Weft.Bpf;
using Weft.Datapath;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.Bpf;

/// <summary>A namespace with one device to the outside, for programs that ask the host's routes. The node's pods are the fixture's.</summary>
internal sealed class TunnelNode : IDisposable
{
    private const string Device = "weft_out";
    public static readonly MacAddress FarMac = new(0x02_00_00_00_00_cc);
    private readonly DatapathFixture fixture;
    private readonly NetworkNamespace host = NetworkNamespace.Create();
    private readonly uint device;

    public TunnelNode(DatapathFixture fixture)
    {
        this.fixture = fixture;
        host.Run(() =>
        {
            Sysctl.Write("net/ipv4/ip_forward", "1");
            Sysctl.Write("net/ipv6/conf/all/forwarding", "1");
        });
        using var routes = RouteSocket.Open(host);
        var up = new LinkChange { Up = true };
        routes.Execute(
            new RouteBatch()
                .AddVeth(new VethSpec { Name = Device, PeerName = "weft_far" })
                .SetLink(Device, up)
                .SetLink("weft_far", up)
        );
        device = (uint)routes.FindLink(Device)!.Index.Value;
        var link = new IfIndex((int)device);
        routes.Execute(
            new RouteBatch().AddAddress(link, new Prefix(Net.V4.Node, 24)).AddAddress(link, new Prefix(Net.V6.Node, 64))
        );
        fixture.HostDevice(DatapathFixture.Loopback);
        KnowDevice(Net.V4.Node);
    }

    /// <summary>Another node that has the pods of the fixture's peer, a neighbour, as far as the kernel knows.</summary>
    public void AddNode(Ip node, bool isResolved = true)
    {
        if (isResolved)
        {
            AddNeighbour(node);
        }

        foreach (var net in Net.Both)
        {
            fixture.AddPeer(net.PeerPod.ToPrefix(), node, PeerKind.Pod, DatapathFixture.PeerPodIdentity);
        }
    }

    /// <summary>Somebody on the device's link.</summary>
    public void AddNeighbour(Ip address)
    {
        using var routes = RouteSocket.Open(host);
        routes.Execute(
            new RouteBatch().AddNeighbour(
                new Neighbour
                {
                    Link = new IfIndex((int)device),
                    Address = address,
                    Mac = FarMac,
                }
            )
        );
    }

    /// <summary>Gives the device another MTU.</summary>
    public void SetMtu(int mtu)
    {
        using var routes = RouteSocket.Open(host);
        routes.Execute(new RouteBatch().SetLink(Device, new LinkChange { Mtu = mtu }));
    }

    /// <summary>Tells the programs of the device and its address; default for none.</summary>
    public void KnowDevice(Ip address) =>
        fixture.Datapath.Devices.Update(device, DeviceValue.Of(address == default ? null : address, null));

    public Outcome Run(BpfProgram program, byte[] frame) => host.Run(() => fixture.Run(program, frame));

    /// <summary>Runs the XDP program on a frame that the device received.</summary>
    public (XdpAction Action, byte[] Frame) RunXdp(byte[] frame)
    {
        var result = host.Run(() => fixture.Datapath.Programs.XdpNetdev.TestRunXdp(frame, (int)device));
        return ((XdpAction)result.ReturnValue, result.Packet);
    }

    public void Dispose()
    {
        fixture.Datapath.Devices.Remove(device);
        host.Dispose();
    }
}

/// <summary>enum xdp_action.</summary>
internal enum XdpAction
{
    Aborted,
    Drop,
    Pass,
    Transmit,
    Redirect,
}
