using Microsoft.Extensions.Logging;
using Weft.Agent.Addresses;
using Weft.Agent.Configuration;
using Weft.Agent.Peers;
using Weft.Bpf;
using Weft.Configuration;
using Weft.Datapath;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Agent.Node;

/// <summary>
/// Keeps the node's devices, routes and maps as the plan has them: reads what is, applies the difference. It never
/// flushes: what is right already is not touched, so a restart is not felt by any packet.
/// </summary>
internal sealed partial class NodeNetwork(
    NodeSettings settings,
    LoadedDatapath datapath,
    PeersMap peersMap,
    TcMechanism mechanism,
    ILogger logger
)
{
    private readonly Lock gate = new();
    private readonly DevicePrograms programs = new(
        datapath.Programs,
        mechanism,
        settings.Services?.Xdp ?? false,
        logger
    );

    /// <summary>Why devices are without XDP that should have it.</summary>
    public IReadOnlyCollection<string> WithoutXdp => programs.WithoutXdp;

    /// <summary>MTU of pods, from the last reconciliation.</summary>
    public int PodMtu { get; private set; }

    /// <summary>The node's own addresses, from the last reconciliation.</summary>
    public IReadOnlyList<Ip> Addresses { get; private set; } = [];

    /// <summary>The other nodes of the last reconciliation.</summary>
    public IReadOnlyList<Peer> Peers { get; private set; } = [];

    /// <summary>The network the node is in.</summary>
    /// <exception cref="ConfigException">A configured device is missing, or none can be found.</exception>
    public Underlay ReadUnderlay()
    {
        using var host = RouteSocket.Open();
        return Underlay.Read(host, settings.Devices);
    }

    /// <summary>Makes the node right for its peers, from whatever state it is in.</summary>
    /// <param name="read">Called while nobody else reconciles: what was read last is applied last.</param>
    /// <exception cref="ConfigException">Its pods are to have IPv6, and its kernel has none; or as <see cref="ReadUnderlay"/>.</exception>
    public void Reconcile(Func<(IReadOnlyList<Prefix> PodCidrs, IReadOnlyList<Peer> Peers)> read)
    {
        lock (gate)
        {
            var (podCidrs, peers) = read();
            RefuseWithoutIPv6(podCidrs);
            var gateways = podCidrs.Select(AddressPool.GatewayOf).ToList();
            using var host = RouteSocket.Open();
            Forwarding.Enable();
            var underlay = Underlay.Read(host, settings.Devices);
            PodMtu = underlay.PodMtu(settings);
            var hostLink = NodeLinks.EnsureHost(host, PodMtu, gateways);
            var overlay =
                settings.RoutingMode == RoutingMode.Vxlan
                    ? NodeLinks.EnsureOverlay(host, PodMtu, settings.TunnelPort)
                    : null;
            WriteConfig(hostLink, overlay);
            var plan = NodePlan.Make(settings, underlay, podCidrs, hostLink.Index, PodMtu, peers);
            foreach (var reason in plan.Refused)
            {
                LogRefused(reason);
            }

            // Maps before programs and routes: no packet meets a program that does not know its destination.
            peersMap.Change((desired, _) => desired.SetNodes(plan.Peers, plan.Ways));
            Apply(datapath.Devices, plan.Devices);
            programs.Attach(host, hostLink, overlay, underlay);
            ApplyRoutes(host, plan.Routes);
            if (overlay is null)
            {
                NodeLinks.RemoveOverlay(host);
            }

            Peers = peers;
            Addresses = [.. underlay.Addresses.Concat(gateways).Distinct()];
        }
    }

    private static void RefuseWithoutIPv6(IReadOnlyList<Prefix> podCidrs)
    {
        if (!KernelIPv6.IsThere && podCidrs.Any(prefix => !prefix.IsV4))
        {
            throw new ConfigException(
                $"pods of this node are to have addresses of {podCidrs.First(prefix => !prefix.IsV4)}, and its kernel has "
                    + "no IPv6: boot it without ipv6.disable=1, or give the cluster's pods IPv4 only"
            );
        }
    }

    private void WriteConfig(Link hostLink, Link? overlay) =>
        datapath.Config.Update(
            0,
            new ConfigValue
            {
                NetnsCookie = NetworkNamespace.CurrentCookie(),
                HostIfIndex = (uint)hostLink.Index.Value,
                OverlayIfIndex = (uint)(overlay?.Index.Value ?? 0),
                NatPortFirst = settings.MasqueradePorts.First,
                NatPortCount = settings.MasqueradePorts.Count,
                Masquerades = settings.Masquerade ? (byte)1 : (byte)0,
                DirectReturn = settings.Services is { DirectReturn: true } ? (byte)1 : (byte)0,
                TunnelPortNetwork = ConfigValue.ToNetwork(settings.TunnelPort),
                HostMac = MapMac.From(NodeLinks.HostMac),
                OverlayMac = MapMac.From(NodeLinks.OverlayMac),
            }
        );

    private static void Apply<TKey, TValue>(BpfMap<TKey, TValue> map, IReadOnlyDictionary<TKey, TValue> desired)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var actual = map.ToDictionary();
        foreach (var (key, value) in desired)
        {
            if (!actual.TryGetValue(key, out var present) || !present.Equals(value))
            {
                map.Update(key, value);
            }
        }

        foreach (var stale in actual.Keys.Where(key => !desired.ContainsKey(key)))
        {
            map.Remove(stale);
        }
    }

    private static void ApplyRoutes(RouteSocket host, IReadOnlyList<Route> desired)
    {
        var actual = host.Routes()
            .Where(route => route.Protocol == NodePlan.RouteProtocol)
            .ToLookup(route => route.Destination);
        var batch = new RouteBatch();
        foreach (var route in desired.Where(route => !actual[route.Destination].Any(there => SameRoute(there, route))))
        {
            batch.ReplaceRoute(route);
        }

        var destinations = desired.Select(route => route.Destination).ToHashSet();
        foreach (var stale in actual.Where(there => !destinations.Contains(there.Key)).SelectMany(there => there))
        {
            batch.DeleteRoute(stale);
        }

        host.Execute(batch);
    }

    private static bool SameRoute(Route a, Route b) =>
        a.Destination == b.Destination
        && a.Gateway == b.Gateway
        && a.Link == b.Link
        && a.PreferredSource == b.PreferredSource
        && a.Mtu == b.Mtu;

    [LoggerMessage(LogLevel.Error, "A node is left out: {Reason}")]
    private partial void LogRefused(string reason);
}
