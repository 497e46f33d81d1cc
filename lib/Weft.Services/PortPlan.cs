using Weft.Net;
using Weft.Services.Backends;
using Weft.Services.Endpoints;
using Weft.Services.Frontends;
using Weft.Services.Numbers;
using Weft.Services.Reading;

namespace Weft.Services;

/// <summary>Works out the ports of a Service: who is behind each, with numbers.</summary>
internal sealed class PortPlan(LocalNode node, NumberTable<ServicePortKey> ports, BackendNumbers backends)
{
    private readonly PortEndpoints slices = new();

    /// <summary>All ports in all families. What has to be left out for want of numbers is in the problems.</summary>
    public Dictionary<ServicePortKey, PortState> Of(ServiceState state, ServiceRules rules)
    {
        var found = new Dictionary<ServicePortKey, PortState>();
        foreach (var family in rules.Families)
        {
            foreach (var port in rules.Ports)
            {
                var key = new ServicePortKey(state.Key, port.Name, port.Protocol, family.IsV4);
                if (ports.Take(key) is not { } number)
                {
                    state.OwnProblems.Add(
                        new ServiceProblem(
                            state.Key,
                            "TooManyServices",
                            $"port {key} is not served: all numbers of ports are taken"
                        )
                    );
                    continue;
                }

                var endpoints = Number(state, slices.Of(port, family.IsV4, state.Slices.Values));
                var choice = EndpointChoice.Of(endpoints, node);
                var policies = FrontendPlan.Policies(rules, family, port);
                var old = state.Ports.GetValueOrDefault(key);
                found[key] = new PortState(
                    key,
                    number,
                    endpoints,
                    policies.Cluster ? List(number, TrafficPolicy.Cluster, choice.Cluster, endpoints, old) : null,
                    policies.Local ? List(number, TrafficPolicy.Local, choice.Local, endpoints, old) : null
                );
            }
        }

        return found;
    }

    /// <summary>Every endpoint has a number, those that are not used now too: they may be the next moment.</summary>
    private ValueList<PortEndpoint> Number(ServiceState state, List<PortEndpoint> endpoints)
    {
        var numbered = new List<PortEndpoint>(endpoints.Count);
        foreach (var endpoint in endpoints)
        {
            if (backends.Take(endpoint.Key) is { } number)
            {
                numbered.Add(endpoint with { Number = number });
            }
        }

        if (numbered.Count < endpoints.Count)
        {
            state.OwnProblems.Add(
                new ServiceProblem(
                    state.Key,
                    "TooManyBackends",
                    $"{endpoints.Count - numbered.Count} endpoints are not used: all numbers of backends are taken"
                )
            );
        }

        return [.. numbered];
    }

    /// <summary>The list of before, if it is the same: it is not written again.</summary>
    private BackendList List(
        uint number,
        TrafficPolicy policy,
        IReadOnlyList<PortEndpoint> chosen,
        ValueList<PortEndpoint> endpoints,
        PortState? old
    )
    {
        var list = new BackendList(
            new BackendListKey(number, policy),
            [
                .. chosen.Select(endpoint => new Backend(
                    endpoint.Number,
                    endpoint.Key,
                    endpoint.Endpoint.NodeName == node.Name,
                    endpoint.Endpoint.Terminating,
                    endpoint.Endpoint.NodeName,
                    endpoint.Endpoint.Pod
                )),
            ],
            Staying(endpoints, chosen)
        );
        return old?.Find(policy) is { } before && before.Equals(list) ? before : list;
    }

    private static ValueList<TransportAddress> Staying(
        ValueList<PortEndpoint> endpoints,
        IReadOnlyList<PortEndpoint> chosen
    )
    {
        if (endpoints.Count == 0 || endpoints[0].Key.Protocol != Transport.Udp)
        {
            return [];
        }

        var taken = chosen.Select(endpoint => endpoint.Key).ToHashSet();
        return
        [
            .. from endpoint in endpoints
            where endpoint.Endpoint.Serving && !taken.Contains(endpoint.Key)
            select endpoint.Key,
        ];
    }
}
