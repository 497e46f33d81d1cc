namespace Weft.Contracts;

/// <summary>What the agent has and does, for `weft lab status` and people.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Version">Version of the agent.</param>
/// <param name="RoutingMode">vxlan or native.</param>
/// <param name="PodCidrs">Prefixes this node's pods get addresses from.</param>
/// <param name="Endpoints">The node's pods.</param>
/// <param name="Peers">The other nodes.</param>
/// <param name="Drops">Packets dropped since the maps were made, by reason; reasons with none are left out.</param>
/// <param name="Maps">Fill of each map that can fill up.</param>
/// <param name="Addresses">Use of the address pools.</param>
/// <param name="Cluster">What the agent has of Kubernetes; null when it lives without.</param>
/// <param name="Policy">What it makes of network policies; null when it lives without Kubernetes.</param>
/// <param name="Features">What it could do on some kernels, devices and configurations, and whether it does here.</param>
/// <param name="Kernel">Release of the node's kernel.</param>
public sealed record AgentState(
    string Node,
    string Version,
    string RoutingMode,
    IReadOnlyList<string> PodCidrs,
    IReadOnlyList<EndpointState> Endpoints,
    IReadOnlyList<PeerState> Peers,
    IReadOnlyList<DropState> Drops,
    IReadOnlyList<MapState> Maps,
    IReadOnlyList<PoolState> Addresses,
    ClusterState? Cluster = null,
    PolicyState? Policy = null,
    IReadOnlyList<FeatureState>? Features = null,
    string? Kernel = null
);

/// <summary>Something that depends on the kernel, the devices or the configuration.</summary>
/// <param name="Name">Such as "tcx".</param>
/// <param name="InUse">Whether it is used on this node.</param>
/// <param name="Note">What it does, or why it is not used and what is done instead.</param>
public sealed record FeatureState(string Name, bool InUse, string Note);

/// <summary>One pod.</summary>
public sealed record EndpointState(
    AttachmentId Id,
    PodReference? Pod,
    string HostInterface,
    IReadOnlyList<string> Addresses,
    uint Identity = 0
);

/// <summary>What an agent has of Kubernetes.</summary>
/// <param name="ApiServer">"there", "away", or "not asked yet".</param>
/// <param name="Since">When it became so; null when it was not asked yet.</param>
/// <param name="RemoteSlices">Endpoint slices of other nodes.</param>
/// <param name="RemoteAddresses">Addresses of pods they name.</param>
/// <param name="Identities">Identities there are.</param>
/// <param name="AwaitedIdentities">Identities that slices name and that are not known yet.</param>
/// <param name="OwnSlices">Endpoint slices of this node.</param>
/// <param name="UnwrittenSlices">Those of them that are still to be written.</param>
/// <param name="UnwrittenPeers">Entries of the peers map that are still to be written; above 0 for long: it is full.</param>
public sealed record ClusterState(
    string ApiServer,
    DateTimeOffset? Since,
    int RemoteSlices,
    int RemoteAddresses,
    int Identities,
    int AwaitedIdentities,
    int OwnSlices,
    int UnwrittenSlices,
    int UnwrittenPeers
);

/// <summary>One other node.</summary>
public sealed record PeerState(string Name, IReadOnlyList<string> Addresses, IReadOnlyList<string> PodCidrs);

/// <summary>One reason packets were dropped for.</summary>
/// <param name="Reason">Name from the list in bpf/include/drop_reasons.h.</param>
/// <param name="Text">What it means and what to do.</param>
/// <param name="Packets">Packets.</param>
/// <param name="Bytes">Bytes, from the IP header on.</param>
public sealed record DropState(string Reason, string Text, ulong Packets, ulong Bytes);

/// <summary>Fill of one map.</summary>
public sealed record MapState(string Name, long Entries, long Capacity);

/// <summary>Use of one pool of addresses.</summary>
/// <param name="Prefix">The pool.</param>
/// <param name="Used">Addresses of live pods.</param>
/// <param name="Cooling">Addresses released too recently to be given again.</param>
/// <param name="Capacity">Addresses the pool can give at all.</param>
/// <param name="Draining">The prefix was taken from the node: its addresses come back, and none is given any more.</param>
public sealed record PoolState(string Prefix, long Used, long Cooling, long Capacity, bool Draining = false);
