using Weft.Agent.Addresses;
using Weft.Agent.Configuration;
using Weft.Agent.Endpoints;
using Weft.Agent.Kubernetes;
using Weft.Agent.Node;
using Weft.Agent.Policy;
using Weft.Agent.Services;
using Weft.Bpf;
using Weft.Contracts;
using Weft.Datapath;

namespace Weft.Agent.Server;

/// <summary>Puts together what `State` answers.</summary>
internal static class StateReport
{
    public static AgentState Make(
        NodeSettings settings,
        NodeNetwork node,
        EndpointTable endpoints,
        NodePools pools,
        LoadedDatapath datapath,
        PolicyMaps policyMaps,
        ServiceMaps? serviceMaps,
        Cluster? cluster,
        LivePolicy policy,
        IReadOnlyList<FeatureState> features
    ) =>
        new(
            settings.NodeName,
            AgentVersion.Text,
            settings.RoutingMode == RoutingMode.Vxlan ? "vxlan" : "native",
            [.. pools.Prefixes.Select(prefix => prefix.ToString())],
            [
                .. endpoints.All.Select(endpoint => new EndpointState(
                    endpoint.Id,
                    endpoint.Pod,
                    endpoint.Attachment.HostInterface,
                    [.. endpoint.Ips.Select(ip => ip.ToString())],
                    endpoint.Identity
                )),
            ],
            [
                .. node.Peers.Select(peer => new PeerState(
                    peer.Name,
                    [.. peer.Addresses.Select(ip => ip.ToString())],
                    [.. peer.PodCidrs.Select(prefix => prefix.ToString())]
                )),
            ],
            [.. Drops(datapath).Where(drop => drop.Packets > 0)],
            Maps(datapath, policyMaps, serviceMaps),
            pools.State(),
            cluster?.State(),
            policy.State(),
            features,
            File.ReadAllText("/proc/sys/kernel/osrelease").Trim()
        );

    /// <summary>Fill of the maps, most of them counted entry by entry.</summary>
    public static IReadOnlyList<MapState> Maps(
        LoadedDatapath datapath,
        PolicyMaps policyMaps,
        ServiceMaps? serviceMaps
    ) =>
        [
            Fill(datapath.Endpoints),
            Fill(datapath.Peers),
            Fill(datapath.Devices),
            Fill(datapath.Flows),
            Fill(datapath.Nat),
            new MapState("policy", policyMaps.Entries, policyMaps.EntriesCapacity),
            new MapState("policy_blocks", policyMaps.Blocks, policyMaps.BlocksCapacity),
            Fill(datapath.Denials),
            .. serviceMaps is null ? [] : Maps(datapath, serviceMaps),
        ];

    private static MapState[] Maps(LoadedDatapath datapath, ServiceMaps serviceMaps) =>
        [
            new("services", serviceMaps.Entries, serviceMaps.EntriesCapacity),
            new("backends", serviceMaps.Slots, serviceMaps.SlotsCapacity),
            Fill(datapath.ServiceSources),
            Fill(datapath.Affinity),
            Fill(datapath.Sockets),
            Fill(datapath.Translations),
            Fill(datapath.NodePorts),
            Fill(datapath.PacketOnly),
        ];

    /// <summary>Drops by every reason there is.</summary>
    public static IReadOnlyList<DropState> Drops(LoadedDatapath datapath) =>
        [
            .. datapath
                .ReadDrops()
                .Select(drop => new DropState(
                    drop.Reason.Name,
                    drop.Reason.Text,
                    drop.Count.Packets,
                    drop.Count.Bytes
                )),
        ];

    private static MapState Fill<TKey, TValue>(BpfMap<TKey, TValue> map)
        where TKey : unmanaged
        where TValue : unmanaged => new(map.Name, map.Count(), map.Capacity);
}
