using Weft.Agent.Services;
using Weft.Contracts;
using Weft.Metrics;

namespace Weft.Agent.Metrics;

/// <summary>What is read of the node when somebody asks for its metrics.</summary>
/// <param name="NotReady">Why pods cannot come; null when they can.</param>
/// <param name="Endpoints">Pods of this node.</param>
/// <param name="Addresses">Pools.</param>
/// <param name="Maps">Maps, read now and then.</param>
/// <param name="Drops">Counters by every reason there is.</param>
/// <param name="Denials">What policies have denied lately, read now and then.</param>
/// <param name="FollowsPolicy">Whether there is a policy of this name, namespace/name.</param>
/// <param name="Cluster">Of Kubernetes; null without.</param>
/// <param name="Policy">Of policies; null without Kubernetes.</param>
/// <param name="Services">Of Services; null where they are not served.</param>
internal sealed record NodeReadings(
    Func<string?> NotReady,
    Func<int> Endpoints,
    Func<IEnumerable<PoolState>> Addresses,
    Func<IReadOnlyList<MapState>> Maps,
    Func<IReadOnlyList<DropState>> Drops,
    Func<IReadOnlyList<DenialState>> Denials,
    Func<string, bool> FollowsPolicy,
    Func<ClusterState?> Cluster,
    Func<PolicyState?> Policy,
    Func<ServiceCounts?> Services
)
{
    private static readonly string[] Directions = ["egress", "ingress"];

    /// <summary>Adds all of them.</summary>
    public void Register(Registry registry)
    {
        registry.Gauge("weft_agent_ready", "1 while pods can come.", () => NotReady() is null ? 1 : 0);
        registry.Gauge("weft_agent_endpoints", "Pods of this node.", () => Endpoints());
        registry.Gauge(
            "weft_agent_addresses",
            "Addresses of the node's pools: used by pods, resting after their pod, or free.",
            ["pool", "state"],
            () => Addresses().SelectMany(Shares)
        );
        RegisterDatapath(registry);
        RegisterCluster(registry);
        RegisterServices(registry);
    }

    private void RegisterDatapath(Registry registry)
    {
        registry.Gauge(
            "weft_agent_map_entries",
            "Entries of a map, counted at most every 10 seconds.",
            ["map"],
            () => Maps().Select(map => new Sample(map.Entries, map.Name))
        );
        registry.Gauge(
            "weft_agent_map_capacity",
            "The most entries of a map.",
            ["map"],
            () => Maps().Select(map => new Sample(map.Capacity, map.Name))
        );
        registry.Gauge(
            "weft_agent_map_pressure_ratio",
            "Entries of a map by the most it can hold; at 1 it is full.",
            ["map"],
            () => Maps().Select(map => new Sample((double)map.Entries / map.Capacity, map.Name))
        );
        registry.Counter(
            "weft_agent_dropped_packets_total",
            "Packets the datapath dropped, since the maps were made, by reason.",
            ["reason"],
            () => Drops().Select(drop => new Sample(drop.Packets, drop.Reason))
        );
        registry.Counter(
            "weft_agent_dropped_bytes_total",
            "Bytes of those, from the IP header on.",
            ["reason"],
            () => Drops().Select(drop => new Sample(drop.Bytes, drop.Reason))
        );
        registry.Gauge(
            "weft_agent_denials",
            "What policies have denied lately, each pod, peer, protocol and port by itself; audited: let through after all.",
            ["direction", "audited"],
            () => CountDenials(Denials())
        );
        var denied = new DeniedPackets(Denials());
        registry.Counter(
            "weft_agent_policy_denied_packets_total",
            "Packets denied, for each policy that isolates the pod and has no rule for them; audited: let through after all.",
            ["direction", "namespace", "policy", "audited"],
            () => denied.Read(Denials(), FollowsPolicy)
        );
    }

    private void RegisterCluster(Registry registry)
    {
        OfCluster("weft_agent_identities", "Identities there are.", cluster => cluster.Identities);
        OfCluster("weft_agent_remote_addresses", "Addresses of other nodes' pods.", cluster => cluster.RemoteAddresses);
        OfCluster(
            "weft_agent_unwritten_peers",
            "Entries of the map peers that are still to be written; above 0 for long: it is full.",
            cluster => cluster.UnwrittenPeers
        );
        OfCluster(
            "weft_agent_unwritten_slices",
            "This node's endpoint slices that the API server does not have yet.",
            cluster => cluster.UnwrittenSlices
        );
        OfCluster(
            "weft_agent_api_server_up",
            "1 while the API server answers.",
            cluster => cluster.ApiServer == "there" ? 1 : 0
        );
        OfPolicy("weft_agent_policies", "Network policies that are followed.", policy => policy.Policies);
        OfPolicy("weft_agent_policy_sets", "Policy sets in the maps.", policy => policy.Sets);
        OfPolicy(
            "weft_agent_policies_not_in_force",
            "Policies that do not hold for all pods they select; the log, their Events and the state name them.",
            policy => policy.NotInForce.Count
        );

        void OfCluster(string name, string help, Func<ClusterState, double> read) =>
            registry.Gauge(name, help, [], () => Cluster() is { } cluster ? [new Sample(read(cluster))] : []);

        void OfPolicy(string name, string help, Func<PolicyState, double> read) =>
            registry.Gauge(name, help, [], () => Policy() is { } policy ? [new Sample(read(policy))] : []);
    }

    private void RegisterServices(Registry registry)
    {
        Of("weft_agent_service_frontends", "Addresses and ports of Services.", counts => counts.Frontends);
        Of(
            "weft_agent_service_backends",
            "Endpoints of Services, each address and port once.",
            counts => counts.Backends
        );
        Of(
            "weft_agent_unwritten_service_frontends",
            "Addresses and ports of Services that the maps have no room for.",
            counts => counts.Unwritten
        );
        Of(
            "weft_agent_services_in_force",
            "1 when the maps have the Services as they are now, 0 while they have those of before a restart.",
            counts => counts.InForce ? 1 : 0
        );

        void Of(string name, string help, Func<ServiceCounts, double> read) =>
            registry.Gauge(name, help, [], () => Services() is { } counts ? [new Sample(read(counts))] : []);
    }

    private static IEnumerable<Sample> Shares(PoolState pool) =>
        [
            new(pool.Used, pool.Prefix, "used"),
            new(pool.Cooling, pool.Prefix, "resting"),
            new(Math.Max(0, pool.Capacity - pool.Used - pool.Cooling), pool.Prefix, "free"),
        ];

    private static IEnumerable<Sample> CountDenials(IReadOnlyList<DenialState> denials) =>
        from direction in Directions
        from audited in (bool[])[false, true]
        select new Sample(
            denials.Count(denial => denial.Direction == direction && denial.Audit == audited),
            direction,
            audited ? "true" : "false"
        );
}
