using Weft.Kubernetes.Objects;
using Weft.Services.Backends;
using Weft.Services.Changes;
using Weft.Services.Frontends;
using Weft.Services.HostPorts;
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
    BackendNumbers numbers
)
{
    private readonly Dictionary<TransportAddress, Frontend?> before = [];
    private readonly Dictionary<ObjectKey, PendingChange> changes = [];
    private readonly PortPlan plan = new(node, ports, numbers);
    private readonly HostPortPlan hostPlan = new(node, ports, numbers);

    public void Evaluate(ServiceState state)
    {
        var old = state.Ports;
        state.OwnProblems = [];
        state.Ports = Ports(state);
        Claim(state);
        Release(old);
        var pending = Of(state.Key);
        pending.Lists = Lists(old, state.Ports);
        pending.Revisited =
        [
            .. state
                .Ports.Values.Where(port => old.GetValueOrDefault(port.Key) is { } was && port.EndsFlowsOf(was))
                .Select(port => port.Key),
        ];
        var health = node.OnlyClusterIPs ? null : HealthCount.Of(state, node);
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

        return new ServiceUpdate(done, numbers.Added, numbers.Gone);
    }

    private Dictionary<ServicePortKey, PortState> Ports(ServiceState state)
    {
        if (state.Rules is not { } rules)
        {
            return hostPlan.Of(state);
        }

        state.OwnProblems.AddRange(rules.Problems);
        foreach (var unusable in state.Slices.Values.SelectMany(slice => slice.Unusable).Distinct())
        {
            state.OwnProblems.Add(
                new ServiceProblem(
                    state.Key,
                    "InvalidEndpoint",
                    $"endpoint \"{unusable}\" is not used: it is not an address of its slice's addressType",
                    IsEverywhere: true
                )
            );
        }

        return plan.Of(state, rules);
    }

    private void Claim(ServiceState state)
    {
        var claims = Claims(state);
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

    /// <summary>A Service may want one address twice, as its load balancer's and as an external IP.</summary>
    private Dictionary<TransportAddress, Claim> Claims(ServiceState state)
    {
        var claims = new Dictionary<TransportAddress, Claim>();
        var wanted = state.Rules is { } rules
            ? FrontendPlan.Of(rules, state.Ports, node)
            : HostPortPlan.Frontends(state, node);
        foreach (var frontend in wanted.Where(one => !node.OnlyClusterIPs || one.Kind == FrontendKind.ClusterIP))
        {
            var claim = new Claim(frontend, state.Rules?.Created ?? DateTimeOffset.MaxValue);
            if (!claims.TryGetValue(frontend.Key, out var other) || claim.CompareTo(other) < 0)
            {
                claims[frontend.Key] = claim;
            }
        }

        return claims;
    }

    private void Release(Dictionary<ServicePortKey, PortState> old)
    {
        foreach (var port in old.Values)
        {
            ports.Release(port.Key);
            foreach (var endpoint in port.Endpoints)
            {
                numbers.Release(endpoint.Key);
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
            var service = claimant.Port.Service;
            if (!isFirst)
            {
                // Also if it lost before: the one who has it may be another now, whom the message names.
                services[service].Lost.Add(key);
                Of(service);
            }
            else if (services[service].Lost.Remove(key))
            {
                Of(service);
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
                $"{key} is not served: it is {frontends.Find(key)!.Port.Service}'s, which comes first by kind of address or age",
                IsEverywhere: !key.Address.IsLoopback && !node.Addresses.Contains(key.Address)
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
