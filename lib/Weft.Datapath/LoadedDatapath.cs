using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>The datapath in the kernel: its programs and its typed maps. Map names are the contract of bpf/include/maps.h and service_maps.h.</summary>
public sealed class LoadedDatapath : IDisposable
{
    private readonly BpfObject bpf;

    private LoadedDatapath(BpfObject bpf)
    {
        this.bpf = bpf;
        Programs = Programs.Of(bpf);
        Config = bpf.Map<uint, ConfigValue>("config");
        Endpoints = bpf.Map<MapAddress, EndpointValue>("endpoints");
        Peers = bpf.Map<PeerKey, PeerValue>("peers");
        Devices = bpf.Map<uint, DeviceValue>("devices");
        Flows = bpf.Map<FlowKey, FlowValue>("flows");
        Nat = bpf.Map<NatKey, NatOrigin>("nat");
        Epoch = bpf.Map<uint, uint>("epoch");
        Policy = bpf.Map<PolicyKey, PolicyValue>("policy");
        PolicyBlocks = bpf.Map<PolicyBlockKey, PolicyBlock>("policy_blocks");
        Denials = bpf.Map<DenialKey, DenialValue>("denials");
        Services = bpf.Map<ServiceKey, ServiceValue>("services");
        Backends = bpf.Map<BackendKey, BackendValue>("backends");
        ServiceSources = bpf.Map<ServiceSourceKey, byte>("service_sources");
        Affinity = bpf.Map<AffinityKey, AffinityValue>("affinity");
        Sockets = bpf.Map<SocketKey, SocketPeer>("sockets");
        Translations = bpf.Map<NatKey, Translation>("translations");
        NodePorts = bpf.Map<NodePort, byte>("node_ports");
        PacketOnly = bpf.Map<ulong, byte>("packet_only");
        TunnelQueue = bpf.Map<uint, ulong>("tunnel_queue");
        Drops = bpf.Map<uint, DropCount>("drops");
    }

    /// <summary>The programs.</summary>
    public Programs Programs { get; }

    /// <summary>One entry under key 0.</summary>
    public BpfMap<uint, ConfigValue> Config { get; }

    /// <summary>This node's pods by address.</summary>
    public BpfMap<MapAddress, EndpointValue> Endpoints { get; }

    /// <summary>Other nodes, their pods, and this node's own addresses by prefix.</summary>
    public BpfMap<PeerKey, PeerValue> Peers { get; }

    /// <summary>Devices to the outside by index.</summary>
    public BpfMap<uint, DeviceValue> Devices { get; }

    /// <summary>One entry under key 0: the state of policy that is in force.</summary>
    public BpfMap<uint, uint> Epoch { get; }

    /// <summary>What policy sets allow.</summary>
    public BpfMap<PolicyKey, PolicyValue> Policy { get; }

    /// <summary>The prefixes that policy sets name.</summary>
    public BpfMap<PolicyBlockKey, PolicyBlock> PolicyBlocks { get; }

    /// <summary>What policies have denied lately.</summary>
    public BpfMap<DenialKey, DenialValue> Denials { get; }

    /// <summary>Flows with state.</summary>
    public BpfMap<FlowKey, FlowValue> Flows { get; }

    /// <summary>Masqueraded flows by their replies.</summary>
    public BpfMap<NatKey, NatOrigin> Nat { get; }

    /// <summary>Services' addresses and ports.</summary>
    public BpfMap<ServiceKey, ServiceValue> Services { get; }

    /// <summary>Lists of backends, slot by slot.</summary>
    public BpfMap<BackendKey, BackendValue> Backends { get; }

    /// <summary>Prefixes that Services are for; the value means nothing.</summary>
    public BpfMap<ServiceSourceKey, byte> ServiceSources { get; }

    /// <summary>Clients that keep their backends.</summary>
    public BpfMap<AffinityKey, AffinityValue> Affinity { get; }

    /// <summary>Peers of sockets, translated.</summary>
    public BpfMap<SocketKey, SocketPeer> Sockets { get; }

    /// <summary>Connections to Services that are translated packet by packet, each direction by itself.</summary>
    public BpfMap<NatKey, Translation> Translations { get; }

    /// <summary>Ports of this node that Services have; the value means nothing.</summary>
    public BpfMap<NodePort, byte> NodePorts { get; }

    /// <summary>Network namespaces (SO_NETNS_COOKIE) whose sockets are left alone; the value means nothing.</summary>
    public BpfMap<ulong, byte> PacketOnly { get; }

    /// <summary>When packets of the tunnel were last left to the kernel's device, by CLOCK_MONOTONIC; their sources are hashed.</summary>
    public BpfMap<uint, ulong> TunnelQueue { get; }

    /// <summary>Drop counters of each CPU by reason.</summary>
    public BpfMap<uint, DropCount> Drops { get; }

    /// <summary>Loads the programs. Maps pinned in the directory are taken up with all they hold.</summary>
    /// <param name="pinDirectory">A directory of a bpffs, made if missing; null for maps that live as long as this object.</param>
    /// <exception cref="BpfException">The kernel refused; <see cref="VerifierException"/> names the program.</exception>
    /// <exception cref="LayoutException">This build's C# and C differ.</exception>
    public static LoadedDatapath Load(string? pinDirectory)
    {
        if (pinDirectory is not null)
        {
            Directory.CreateDirectory(pinDirectory);
        }

        var bpf = BpfObject.Load(DatapathObject.ReadElf(), DatapathObject.Name, pinDirectory, DatapathObject.Layouts);
        try
        {
            return new LoadedDatapath(bpf);
        }
        catch
        {
            bpf.Dispose();
            throw;
        }
    }

    /// <summary>Packets and bytes dropped for each reason there is, summed over the CPUs.</summary>
    public IReadOnlyList<(DropReason Reason, DropCount Count)> ReadDrops() =>
        [.. DropReasons.All.Select(reason => (reason, Sum(Drops.LookupPerCpu(reason.Number))))];

    /// <inheritdoc/>
    public void Dispose() => bpf.Dispose();

    private static DropCount Sum(DropCount[] counts)
    {
        var sum = default(DropCount);
        foreach (var count in counts)
        {
            sum.Packets += count.Packets;
            sum.Bytes += count.Bytes;
        }

        return sum;
    }
}
