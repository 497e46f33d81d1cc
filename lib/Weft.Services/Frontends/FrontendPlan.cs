using Weft.Net;
using Weft.Services.Backends;
using Weft.Services.Reading;

namespace Weft.Services.Frontends;

/// <summary>The frontends of a Service: who gets what at each of its addresses.</summary>
internal static class FrontendPlan
{
    /// <summary>Whoever asks a ClusterIP from elsewhere may be sent to another node's pod, which must reply through here.</summary>
    private const Source NotPods = Source.Node | Source.External;

    /// <summary>Which traffic policies the frontends of a port go by.</summary>
    public static (bool Cluster, bool Local) Policies(ServiceRules rules, ServiceFamily family, RulesPort port)
    {
        var isExternal = port.NodePort != 0 || family.External.Count > 0;
        return (!rules.InternalLocal || isExternal, rules.InternalLocal || (rules.ExternalLocal && isExternal));
    }

    /// <summary>All frontends of a Service.</summary>
    public static IEnumerable<Frontend> Of(
        ServiceRules rules,
        Dictionary<ServicePortKey, PortState> ports,
        LocalNode node
    )
    {
        foreach (var family in rules.Families)
        {
            yield return Rest(rules, family);
            foreach (var port in rules.Ports)
            {
                var key = new ServicePortKey(rules.Key, port.Name, port.Protocol, family.IsV4);
                if (ports.TryGetValue(key, out var state))
                {
                    foreach (var frontend in OfPort(rules, family, port, state, node))
                    {
                        yield return frontend;
                    }
                }
            }
        }
    }

    private static IEnumerable<Frontend> OfPort(
        ServiceRules rules,
        ServiceFamily family,
        RulesPort port,
        PortState state,
        LocalNode node
    )
    {
        var inside = rules.InternalLocal ? TrafficPolicy.Local : TrafficPolicy.Cluster;
        yield return Make(FrontendKind.ClusterIP, family.ClusterIP, port.Number, inside, inside, NotPods);

        if (port.NodePort != 0)
        {
            foreach (var address in node.NodePortAddresses.Where(address => address.IsV4 == family.IsV4))
            {
                yield return External(FrontendKind.NodePort, address, port.NodePort);
            }
        }

        foreach (var (kind, address) in family.External)
        {
            yield return External(kind, address, port.Number);
        }

        // The policy Local keeps the client's address, as the backend is here. What is of this node is not bound by it
        // ("short-circuit", as if it had left and come back through another node); the node itself may have come from
        // the very address that it asks for.
        Frontend External(FrontendKind kind, Ip address, ushort number) =>
            rules.ExternalLocal
                ? Make(kind, address, number, TrafficPolicy.Cluster, TrafficPolicy.Local, Source.Node)
                : Make(kind, address, number, TrafficPolicy.Cluster, TrafficPolicy.Cluster, Source.All);

        Frontend Make(
            FrontendKind kind,
            Ip address,
            ushort number,
            TrafficPolicy fromInside,
            TrafficPolicy fromOutside,
            Source masquerade
        ) =>
            new(
                new TransportAddress(address, number, port.Protocol),
                kind,
                state.Key,
                state.Number,
                Select(state, fromInside),
                Select(state, fromOutside),
                masquerade,
                rules.AffinitySeconds,
                kind == FrontendKind.LoadBalancer ? family.SourceRanges : null
            );
    }

    /// <summary>What goes to a ClusterIP and none of its ports: refused, not lost in the default route.</summary>
    private static Frontend Rest(ServiceRules rules, ServiceFamily family)
    {
        var none = new Selection(ServiceAction.Reject, new BackendList(default, [], []));
        return new Frontend(
            TransportAddress.Rest(family.ClusterIP),
            FrontendKind.ClusterIP,
            new ServicePortKey(rules.Key, "", Transport.Any, family.IsV4),
            0,
            none,
            none,
            Source.None,
            0,
            null
        );
    }

    private static Selection Select(PortState state, TrafficPolicy policy)
    {
        var list = state.Find(policy)!;
        return new Selection(
            list.Backends.Count > 0 ? ServiceAction.Forward
                : state.HasAny ? ServiceAction.Drop
                : ServiceAction.Reject,
            list
        );
    }
}
