using Weft.Bpf;
using Weft.Datapath;
using Weft.Net;
using Weft.Policy.Identities;

namespace Weft.Tests.Bpf;

/// <summary>
/// The datapath with maps of its own, on a node made up of numbers: nothing is attached and no device is touched, the
/// programs are only run on built packets. Devices in those numbers need not exist, but for the one packets arrive on.
/// The programs are loaded once for all tests, which take seconds each under emulation; maps begin anew with each test.
/// </summary>
public sealed class DatapathFixture
{
    private static readonly Lazy<LoadedDatapath> Loaded = new(() => LoadedDatapath.Load(pinDirectory: null));
    private static readonly Lazy<LoadedDatapath> LoadedNext = new(() => LoadedDatapath.Load(pinDirectory: null));

    public const int Loopback = 1;
    public const uint HostIfIndex = 100;
    public const uint OverlayIfIndex = 101;
    public const ushort NatFirst = 20000;
    public const ushort NatCount = 1000;

    public const uint PodIdentity = 1000;
    public const uint OtherPodIdentity = 1001;
    public const uint PeerPodIdentity = 1002;

    public static readonly MacAddress HostMac = new(0x02_00_00_00_00_01);
    public static readonly MacAddress OverlayMac = new(0x02_00_00_00_00_02);
    public static readonly MacAddress PodMac = new(0x02_00_00_00_01_01);
    public static readonly MacAddress OtherPodMac = new(0x02_00_00_00_01_02);

    private ConfigValue config = new()
    {
        HostIfIndex = HostIfIndex,
        NatPortFirst = NatFirst,
        NatPortCount = NatCount,
        TunnelPortNetwork = ConfigValue.ToNetwork(8472),
        HostMac = MapMac.From(HostMac),
        OverlayMac = MapMac.From(OverlayMac),
        Masquerades = 1,
    };

    private uint lists;

    public DatapathFixture()
    {
        Reset();
        Routing(vxlan: true);
        foreach (var net in Net.Both)
        {
            AddEndpoint(net.Pod, Loopback, PodMac, PodIdentity);
            AddEndpoint(net.OtherPod, 77, OtherPodMac, OtherPodIdentity);
            AddPeer(net.PeerPods, net.PeerNode, PeerKind.Pod, ReservedIdentity.UnknownInCluster);
            AddPeer(net.PeerPod.ToPrefix(), net.PeerNode, PeerKind.Pod, PeerPodIdentity);
            AddPeer(net.PeerNode.ToPrefix(), net.PeerNode, PeerKind.Node, ReservedIdentity.OtherNode);
            AddPeer(net.Node.ToPrefix(), default, PeerKind.Self, ReservedIdentity.ThisHost);
            AddPeer(net.Gateway.ToPrefix(), default, PeerKind.Self, ReservedIdentity.ThisHost);
        }

        Datapath.Devices.Update(Loopback, DeviceValue.Of(Net.V4.Node, Net.V6.Node));
        Datapath.Devices.Update(HostIfIndex, DeviceValue.Of(Net.V4.Gateway, Net.V6.Gateway));
    }

    /// <summary>Another load of the programs, with maps of its own that nobody writes.</summary>
    public static LoadedDatapath Next => LoadedNext.Value;

    public LoadedDatapath Datapath { get; } = Loaded.Value;

    /// <summary>The datapath with empty maps, for tests of what the agent writes into them.</summary>
    public static LoadedDatapath Empty()
    {
        Empty(Loaded.Value);
        return Loaded.Value;
    }

    /// <summary>Empties all maps of what tests put there: no pod, no peer, no policy.</summary>
    public void Reset() => Empty(Datapath);

    /// <summary>Puts a Service in force for one side, its backends under a list of their own.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="port">Its port.</param>
    /// <param name="protocol">IP protocol.</param>
    /// <param name="backends">For new connections.</param>
    /// <param name="serving">Further ones that what they have may stay with.</param>
    /// <param name="affinity">In seconds.</param>
    /// <param name="flags">Flags.</param>
    /// <param name="side">From where it is used.</param>
    public void Serve(
        Ip address,
        ushort port,
        byte protocol,
        IReadOnlyList<(Ip Address, ushort Port)> backends,
        IReadOnlyList<(Ip Address, ushort Port)>? serving = null,
        uint affinity = 0,
        ServiceFlags flags = ServiceFlags.None,
        ServiceSide side = ServiceSide.Inside
    )
    {
        lists++;
        (Ip Address, ushort Port)[] slots = [.. backends, .. serving ?? []];
        foreach (var (slot, backend) in slots.Index())
        {
            Datapath.Backends.Update(new BackendKey(lists, (uint)slot), BackendValue.Of(backend.Address, backend.Port));
        }

        Datapath.Services.Update(
            ServiceKey.Of(address, port, protocol, side),
            new ServiceValue
            {
                Number = 1,
                List = lists,
                Count = (ushort)backends.Count,
                Serving = (ushort)slots.Length,
                AffinitySeconds = affinity,
                Flags = flags,
            }
        );
    }

    /// <summary>Says which network namespace is the node's.</summary>
    public void NodeNetwork(ulong cookie)
    {
        config.NetnsCookie = cookie;
        Datapath.Config.Update(0, config);
    }

    /// <summary>A pod of the node that packets arrive from, under these policies.</summary>
    public void AddEndpoint(Ip address, uint identity, PolicyWords policy) =>
        Datapath.Endpoints.Update(
            MapAddress.From(address),
            new EndpointValue
            {
                IfIndex = Loopback,
                Mac = MapMac.From(PodMac),
                Identity = identity,
                Policy = policy,
            }
        );

    /// <summary>Puts the node into one of the routing modes.</summary>
    public void Routing(bool vxlan)
    {
        config.OverlayIfIndex = vxlan ? OverlayIfIndex : 0;
        Datapath.Config.Update(0, config);
    }

    /// <summary>Lets the nodes of endpoints answer clients outside themselves.</summary>
    public void ReturnDirectly()
    {
        config.DirectReturn = 1;
        Datapath.Config.Update(0, config);
    }

    /// <summary>Makes this device weft_host, whose routes tell the way out of the node.</summary>
    public void HostDevice(uint ifIndex)
    {
        config.HostIfIndex = ifIndex;
        Datapath.Config.Update(0, config);
    }

    /// <summary>Sets the range of ports to masquerade with.</summary>
    public void NatPorts(ushort first, ushort count)
    {
        config.NatPortFirst = first;
        config.NatPortCount = count;
        Datapath.Config.Update(0, config);
    }

    /// <summary>Puts a pod under a policy, in all epochs.</summary>
    public void Isolate(Ip pod, PolicyWord word) => Isolate(pod, PolicyWords.Both(word));

    /// <summary>Puts a pod under a policy for each epoch, and all that was judged before in doubt.</summary>
    public void Isolate(Ip pod, PolicyWords words)
    {
        var key = MapAddress.From(pod);
        Assert.True(Datapath.Endpoints.TryLookup(key, out var endpoint));
        Datapath.Endpoints.Update(key, endpoint with { Policy = words });
        MoveEpoch(2);
    }

    /// <summary>Adds to the epoch.</summary>
    public void MoveEpoch(uint by)
    {
        Datapath.Epoch.TryLookup(0, out var epoch);
        Datapath.Epoch.Update(0, epoch + by);
    }

    /// <summary>Adds an entry to a policy set.</summary>
    public void Allow(PolicyKey key) => Datapath.Policy.Update(key, default);

    /// <summary>Runs a program on a packet.</summary>
    public Outcome Run(BpfProgram program, Packet packet) => Run(program, packet.ToFrame());

    /// <summary>Runs a program on a frame.</summary>
    public Outcome Run(BpfProgram program, byte[] frame)
    {
        var before = Datapath.ReadDrops().ToDictionary(drop => drop.Reason.Name, drop => drop.Count.Packets);
        var result = program.TestRun(frame, Loopback);
        var dropped = Datapath
            .ReadDrops()
            .Where(drop => drop.Count.Packets > before.GetValueOrDefault(drop.Reason.Name))
            .Select(drop => drop.Reason.Name)
            .SingleOrDefault();
        return new Outcome((TcAction)(int)result.ReturnValue, dropped, result.Packet);
    }

    private static void Empty(LoadedDatapath datapath)
    {
        Clear(datapath.Flows);
        Clear(datapath.Nat);
        Clear(datapath.Policy);
        Clear(datapath.PolicyBlocks);
        Clear(datapath.Denials);
        Clear(datapath.Endpoints);
        Clear(datapath.Peers);
        Clear(datapath.Services);
        Clear(datapath.Backends);
        Clear(datapath.ServiceSources);
        Clear(datapath.Affinity);
        Clear(datapath.Sockets);
        Clear(datapath.Translations);
        Clear(datapath.NodePorts);
        Clear(datapath.PacketOnly);
    }

    private static void Clear<TKey, TValue>(BpfMap<TKey, TValue> map)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        foreach (var key in map.ToDictionary().Keys)
        {
            map.Remove(key);
        }
    }

    private void AddEndpoint(Ip address, uint ifIndex, MacAddress mac, uint identity) =>
        Datapath.Endpoints.Update(
            MapAddress.From(address),
            new EndpointValue
            {
                IfIndex = ifIndex,
                Mac = MapMac.From(mac),
                Identity = identity,
            }
        );

    public void AddPeer(Prefix prefix, Ip node, PeerKind kind, uint identity) =>
        Datapath.Peers.Update(
            PeerKey.From(prefix),
            new PeerValue
            {
                Node = MapAddress.From(node),
                Kind = kind,
                IfIndex = Loopback,
                Identity = identity,
            }
        );
}

/// <summary>What a program did with a packet.</summary>
/// <param name="Action">The verdict.</param>
/// <param name="Dropped">The reason that was counted, if one was.</param>
/// <param name="Frame">The frame afterwards.</param>
public sealed record Outcome(TcAction Action, string? Dropped, byte[] Frame)
{
    /// <summary>The packet afterwards, its checksums verified.</summary>
    public Packet Packet => Packet.Parse(Frame);
}

/// <summary>TC_ACT_*.</summary>
public enum TcAction
{
    Unspec = -1,
    Ok = 0,
    Shot = 2,
    Redirect = 7,
}

/// <summary>The addresses of one family in the made-up cluster.</summary>
public sealed record Net(
    Ip Pod,
    Ip OtherPod,
    Ip NoPod,
    Prefix PeerPods,
    Ip PeerPod,
    Ip PeerNode,
    Ip Node,
    Ip Gateway,
    Ip World
)
{
    public static readonly Net V4 = new(
        Ip.Parse("10.1.1.5"),
        Ip.Parse("10.1.1.6"),
        Ip.Parse("10.1.1.99"),
        Prefix.Parse("10.1.2.0/24"),
        Ip.Parse("10.1.2.7"),
        Ip.Parse("192.0.2.2"),
        Ip.Parse("192.0.2.1"),
        Ip.Parse("10.1.1.1"),
        Ip.Parse("198.51.100.9")
    );

    public static readonly Net V6 = new(
        Ip.Parse("fd00:1:1::5"),
        Ip.Parse("fd00:1:1::6"),
        Ip.Parse("fd00:1:1::99"),
        Prefix.Parse("fd00:1:2::/64"),
        Ip.Parse("fd00:1:2::7"),
        Ip.Parse("2001:db8::2"),
        Ip.Parse("2001:db8::1"),
        Ip.Parse("fd00:1:1::1"),
        Ip.Parse("2001:db8:9::9")
    );

    public static IReadOnlyList<Net> Both => [V4, V6];

    public byte Icmp => Pod.IsV4 ? Packet.Icmp : Packet.Icmp6;

    public override string ToString() => Pod.IsV4 ? "IPv4" : "IPv6";
}
