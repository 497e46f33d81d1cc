using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services;
using Weft.Services.Backends;
using Weft.Services.Changes;
using Weft.Services.Frontends;

namespace Weft.Tests.Unit.Services;

/// <summary>
/// The engine and an evaluator without any of its ideas agree on random Services after every change, whatever came
/// before; and whoever follows the updates has what the engine has.
/// </summary>
public sealed class EngineAgainstNaiveTests
{
    private static readonly (string Source, Source Kind, Ip[] Clients)[] Sources =
    [
        ("pod", Source.Pod, [Ip.Parse("10.0.0.99"), Ip.Parse("fd00::99")]),
        ("node", Source.Node, [Ip.Parse("192.168.0.1"), Ip.Parse("198.51.100.1"), Ip.Parse("fd00:168::1")]),
        ("external", Source.External, [Ip.Parse("203.0.113.5"), Ip.Parse("192.0.2.1"), Ip.Parse("2001:db8:5::1")]),
    ];

    private static readonly TransportAddress[] Destinations =
    [
        .. from protocol in new[] { Transport.Tcp, Transport.Udp }
        from destination in (IEnumerable<(string Address, int Port)>)
            [
                .. from last in Enumerable.Range(1, 5)
                from prefix in new[] { "10.96.0.", "fd00:96::" }
                from port in new[] { 80, 81, 82 }
                select (prefix + last, port),
                .. from address in new[] { "198.51.100.1", "198.51.100.2", "2001:db8::1" }
                from port in new[] { 80, 81 }
                select (address, port),
                .. from address in new[] { "192.168.0.1", "fd00:168::1" }
                from port in Enumerable.Range(30001, 4).Concat(Enumerable.Range(30101, 4))
                select (address, port),
            ]
        select new TransportAddress(Ip.Parse(destination.Address), (ushort)destination.Port, protocol),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Same_verdict_for_every_connection_after_every_change(int part)
    {
        for (var seed = part * 1000; seed < (part * 1000) + 8; seed++)
        {
            var random = new RandomServices(seed);
            var services = new Dictionary<string, Service>();
            var slices = new Dictionary<string, EndpointSlice>();
            var engine = new ServiceEngine(ServiceWorld.Here, new(20), new(60));
            var follower = new Follower();
            for (var step = 0; step < 30; step++)
            {
                Change(random, engine, services, slices);
                if (random.Chance(2))
                {
                    continue;
                }

                follower.Apply(engine.Update());
                Compare($"seed {seed}, step {step}", engine, new([.. services.Values], [.. slices.Values]));
                follower.Compare(engine);
            }

            services.Values.ToList().ForEach(service => engine.RemoveService(ObjectKey.Of(service)));
            slices.Values.ToList().ForEach(slice => engine.RemoveSlice(ObjectKey.Of(slice)));
            follower.Apply(engine.Update());
            follower.Compare(engine);
            Assert.True(follower.IsEmpty, $"seed {seed}: something is left of what is gone");
        }
    }

    private static void Change(
        RandomServices random,
        ServiceEngine engine,
        Dictionary<string, Service> services,
        Dictionary<string, EndpointSlice> slices
    )
    {
        var name = random.Name();
        if (random.Chance(3))
        {
            if (random.Chance(4))
            {
                services.Remove(name);
                engine.RemoveService(new ObjectKey("test", name));
            }
            else
            {
                engine.Set(services[name] = random.Service(name));
            }
        }
        else if (random.Chance(6))
        {
            slices.Remove(name + "-1");
            engine.RemoveSlice(new ObjectKey("test", name + "-1"));
        }
        else
        {
            name += random.Chance(2) ? "-1" : "-2";
            engine.Set(slices[name] = random.Slice(name));
        }
    }

    private static void Compare(string when, ServiceEngine engine, (List<Service>, List<EndpointSlice>) objects)
    {
        var naive = new NaiveServices(engine.Node, objects.Item1, objects.Item2);
        foreach (var destination in Destinations)
        {
            foreach (var (source, kind, clients) in Sources)
            {
                foreach (var client in clients.Where(client => client.IsV4 == destination.Address.IsV4))
                {
                    var expected = naive.Flow(source, client, destination);
                    var verdict = engine.Judge(kind, client, destination);
                    var actual = verdict switch
                    {
                        null => "none",
                        { Action: ServiceAction.Forward } => string.Join(
                            ' ',
                            verdict.Backends.Select(backend => $"{backend.Key.Address}:{backend.Key.Port}")
                        ) + (verdict.Masquerade ? " masq" : ""),
                        _ => $"{verdict.Action}".ToUpperInvariant(),
                    };
                    Assert.True(
                        expected == actual,
                        $"{when}: {source} {client} to {destination}: {actual}, and not {expected}"
                    );
                }
            }
        }
    }

    /// <summary>Holds what maps would hold that are written by the updates alone.</summary>
    private sealed class Follower
    {
        private readonly Dictionary<TransportAddress, Frontend> frontends = [];
        private readonly Dictionary<BackendListKey, BackendList> lists = [];
        private readonly Dictionary<uint, TransportAddress> backends = [];
        private readonly Dictionary<ObjectKey, IReadOnlyList<ServiceProblem>> problems = [];
        private readonly Dictionary<ObjectKey, ServiceHealth> health = [];

        public bool IsEmpty =>
            frontends.Count + lists.Count + backends.Count + health.Count + problems.Values.Sum(own => own.Count) == 0;

        public void Apply(ServiceUpdate update)
        {
            foreach (var backend in update.BackendsAdded)
            {
                Assert.True(backends.TryAdd(backend.Number, backend.Key));
            }

            foreach (var change in update.Services)
            {
                change.Lists.ToList().ForEach(list => Put(lists, list.Key, list.Old, list.New));
                change.Frontends.ToList().ForEach(frontend => Put(frontends, frontend.Key, frontend.Old, frontend.New));
                if (change.Health is { } changed)
                {
                    Put(health, change.Service, changed.Old, changed.New);
                }

                if (change.Problems is not null)
                {
                    problems[change.Service] = change.Problems;
                }
            }

            foreach (var backend in update.BackendsGone)
            {
                Assert.True(backends.Remove(backend.Number));
            }
        }

        public void Compare(ServiceEngine engine)
        {
            Assert.Equal(engine.Frontends.OrderBy(f => f.Key), frontends.Values.OrderBy(f => f.Key));
            Assert.Equal(engine.HealthChecks.OrderBy(h => h.Port), health.Values.OrderBy(h => h.Port));
            Assert.Equal(
                engine.Problems.OrderBy(p => $"{p}", StringComparer.Ordinal),
                problems.Values.SelectMany(own => own).OrderBy(p => $"{p}", StringComparer.Ordinal)
            );
            foreach (var frontend in frontends.Values.Where(frontend => !frontend.Key.IsRest))
            {
                foreach (var list in new[] { frontend.FromInside.Backends, frontend.FromOutside.Backends })
                {
                    Assert.Equal(list, lists[list.Key]);
                    Assert.All(list.Backends, backend => Assert.Equal(backend.Key, backends[backend.Number]));
                }
            }
        }

        private static void Put<TKey, TValue>(Dictionary<TKey, TValue> held, TKey key, TValue? old, TValue? changed)
            where TKey : notnull
            where TValue : class
        {
            Assert.Equal(old, held.GetValueOrDefault(key));
            if (changed is null)
            {
                held.Remove(key);
            }
            else
            {
                held[key] = changed;
            }
        }
    }
}
