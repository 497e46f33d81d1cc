using Weft.Kubernetes.Objects;
using Weft.Services.Backends;
using Weft.Services.Changes;
using Weft.Services.Endpoints;
using Weft.Services.Frontends;
using Weft.Services.Numbers;

namespace Weft.Services;

/// <summary>
/// One update: works out the Services concerned, then sees who has which frontend now, for a Service that is not
/// concerned at all may get one that another gave up, or lose one.
/// </summary>
internal sealed class UpdateRound(
    LocalNode node,
    Dictionary<ObjectKey, ServiceState> services,
    FrontendTable frontends,
    NumberTable<ServicePortKey> ports,
    NumberTable<TransportAddress> backends
)
{
    private readonly Dictionary<TransportAddress, Frontend?> before = [];
    private readonly Dictionary<ObjectKey, PendingChange> changes = [];
    private readonly Dictionary<TransportAddress, uint?> backendsBefore = [];

    public void Evaluate(ServiceState state)
    {
        var old = state.Ports;
        state.OwnProblems = [.. state.Rules?.Problems ?? []];
        state.Ports = Ports(state);
        Claim(state);
        Release(old);
        var pending = Of(state.Key);
        pending.Lists = Lists(old, state.Ports);
        pending.Revisited =
        [
            .. state.Ports.Values.Where(port => old.GetValueOrDefault(port.Key) is { } was && port.EndsFlowsOf(was))
                .Select(port => port.Key),
        ];
        var health = HealthCount.Of(state, node);
        pending.Health = Equals(state.Health, health) ? null : new ServiceHealthChange(state.Health, health);
        state.Health = health;
    }

    public ServiceUpdate Finish()
    {
        foreach (var (key, old) in before.OrderBy(pair => pair.Key))
        {
            var now = frontends.Find(key);
            if (!Equals(old, now))
            {
                Of((now ?? old!).Port.Service).Frontends.Add(new FrontendChange(key, old, now));
            }

            SeeWhoLost(key);
        }

        var done = new List<ServiceChange>();
        foreach (var (key, pending) in changes.OrderBy(pair => $"{pair.Key}", StringComparer.Ordinal))
        {
            var state = services[key];
            var problems = Problems(state);
            var change = new ServiceChange(
                key,
                pending.Lists,
                pending.Frontends,
                [
                    .. state
                        .Claims.Values.Where(claim => pending.Revisited.Contains(claim.Frontend.Port))
                        .Select(claim => claim.Frontend.Key)
                        .Order(),
                ],
                pending.Health,
                problems.Equals(state.Problems) ? null : problems
            );
            state.Problems = problems;
            if (change is not { Lists: [], Frontends: [], Revisit: [], Health: null, Problems: null })
            {
                done.Add(change);
            }

            if (state.IsEmpty)
            {
                services.Remove(key);
            }
        }

        var changed = backendsBefore
            .Select(pair => (pair.Key, Old: pair.Value, New: backends.Find(pair.Key)))
            .Where(backend => backend.Old != backend.New)
            .OrderBy(backend => backend.Key)
            .ToList();
        return new ServiceUpdate(
            done,
            [.. changed.Where(backend => backend.New is not null).Select(backend => new NumberedBackend(backend.New!.Value, backend.Key))],
            [.. changed.Where(backend => backend.Old is not null).Select(backend => new NumberedBackend(backend.Old!.Value, backend.Key))]
        );
    }

    private Dictionary<ServicePortKey, PortState> Ports(ServiceState state)
    {
        var found = new Dictionary<ServicePortKey, PortState>();
        if (state.Rules is not { } rules)
        {
            return found;
        }

        foreach (var family in rules.Families)
        {
            foreach (var port in rules.Ports)
            {
                var key = new ServicePortKey(state.Key, port.Name, port.Protocol, family.IsV4);
                if (ports.Take(key) is not { } number)
                {
                    state.OwnProblems.Add(
                        new ServiceProblem(state.Key, "TooManyServices", $"port {key} is not served: all numbers of ports are taken")
                    );
                    continue;
                }

                var endpoints = Number(state, PortEndpoints.Of(port, family.IsV4, state.Slices.Values));
                var choice = EndpointChoice.Of(endpoints, node);
                var policies = FrontendPlan.Policies(rules, family, port);
                var old = state.Ports.GetValueOrDefault(key);
                found[key] = new PortState(
                    key,
                    number,
                    endpoints,
                    policies.Cluster ? List(number, TrafficPolicy.Cluster, choice.Cluster, old) : null,
                    policies.Local ? List(number, TrafficPolicy.Local, choice.Local, old) : null
                );
            }
        }

        foreach (var unusable in state.Slices.Values.SelectMany(slice => slice.Unusable).Distinct())
        {
            state.OwnProblems.Add(
                new ServiceProblem(
                    state.Key,
                    "InvalidEndpoint",
                    $"endpoint \"{unusable}\" is not used: it is not an address of its slice's addressType"
                )
            );
        }

        return found;
    }

    /// <summary>Every endpoint has a number, those that are not used now too: they may be the next moment.</summary>
    private ValueList<PortEndpoint> Number(ServiceState state, List<PortEndpoint> endpoints)
    {
        var numbered = new List<PortEndpoint>(endpoints.Count);
        foreach (var endpoint in endpoints)
        {
            backendsBefore.TryAdd(endpoint.Key, backends.Find(endpoint.Key));
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
            ]
        );
        return old?.Find(policy) is { } before && before.Equals(list) ? before : list;
    }

    private void Claim(ServiceState state)
    {
        var claims = new Dictionary<TransportAddress, Claim>();
        if (state.Rules is { } rules)
        {
            foreach (var family in rules.Families)
            {
                Add(FrontendPlan.Rest(rules, family));
                foreach (var port in rules.Ports)
                {
                    var key = new ServicePortKey(state.Key, port.Name, port.Protocol, family.IsV4);
                    if (state.Ports.TryGetValue(key, out var portState))
                    {
                        foreach (var frontend in FrontendPlan.Of(rules, family, port, portState, node))
                        {
                            Add(frontend);
                        }
                    }
                }
            }

            void Add(Frontend frontend)
            {
                var claim = new Claim(frontend, rules.Created);
                if (!claims.TryGetValue(frontend.Key, out var other) || claim.CompareTo(other) < 0)
                {
                    claims[frontend.Key] = claim;
                }
            }
        }

        foreach (var (key, claim) in claims)
        {
            before.TryAdd(key, frontends.Find(key));
            frontends.Set(claim);
        }

        foreach (var key in state.Claims.Keys.Where(key => !claims.ContainsKey(key)))
        {
            before.TryAdd(key, frontends.Find(key));
            frontends.Remove(key, state.Key);
            state.Lost.Remove(key);
        }

        state.Claims = claims;
    }

    private void Release(Dictionary<ServicePortKey, PortState> old)
    {
        foreach (var port in old.Values)
        {
            ports.Release(port.Key);
            foreach (var endpoint in port.Endpoints)
            {
                backendsBefore.TryAdd(endpoint.Key, backends.Find(endpoint.Key));
                backends.Release(endpoint.Key);
            }
        }
    }

    private static List<BackendListChange> Lists(
        Dictionary<ServicePortKey, PortState> old,
        Dictionary<ServicePortKey, PortState> now
    )
    {
        var was = old.Values.SelectMany(port => port.Lists).ToDictionary(list => list.Key);
        var lists = now.Values.SelectMany(port => port.Lists).ToDictionary(list => list.Key);
        return
        [
            .. from key in was.Keys.Union(lists.Keys)
            let before = was.GetValueOrDefault(key)
            let after = lists.GetValueOrDefault(key)
            where !ReferenceEquals(before, after)
            orderby key.Number, key.Policy
            select new BackendListChange(key, before, after),
        ];
    }

    /// <summary>Who claims a frontend and does not have it has a problem; what no port is behind is nobody's loss.</summary>
    private void SeeWhoLost(TransportAddress key)
    {
        if (key.IsRest)
        {
            return;
        }

        var isFirst = true;
        foreach (var claimant in frontends.Claimants(key))
        {
            var lost = services[claimant.Port.Service].Lost;
            if (isFirst ? lost.Remove(key) : lost.Add(key))
            {
                Of(claimant.Port.Service);
            }
            else if (!isFirst)
            {
                // The one who has it may be another now, whom the message names.
                Of(claimant.Port.Service);
            }

            isFirst = false;
        }
    }

    private ValueList<ServiceProblem> Problems(ServiceState state) =>
        [
            .. state.OwnProblems,
            .. state.Lost.Select(key => new ServiceProblem(
                state.Key,
                "AddressTaken",
                $"{key} is not served: it is {frontends.Find(key)!.Port.Service}'s, which comes first by kind of address or age"
            )),
        ];

    private PendingChange Of(ObjectKey service)
    {
        if (!changes.TryGetValue(service, out var change))
        {
            changes[service] = change = new PendingChange();
        }

        return change;
    }

    private sealed class PendingChange
    {
        public List<BackendListChange> Lists { get; set; } = [];

        public List<FrontendChange> Frontends { get; } = [];

        public List<ServicePortKey> Revisited { get; set; } = [];

        public ServiceHealthChange? Health { get; set; }
    }
}
