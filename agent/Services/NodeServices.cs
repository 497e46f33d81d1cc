using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Weft.Agent.Configuration;
using Weft.Bpf;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services;
using Weft.Services.Backends;
using Weft.Services.Changes;
using Weft.Services.Frontends;
using Weft.Services.HostPorts;
using Weft.Services.Numbers;

namespace Weft.Agent.Services;

/// <summary>
/// Services on this node: from the objects to the maps. Until all objects are known, the maps stay as a former agent
/// left them, which is newer than what was written down; only maps that were empty are filled with that. From then on
/// each frontend changes by one write. What the maps have no room for stays as it was, is said on the Service, and is
/// tried again when something goes.
/// </summary>
internal sealed class NodeServices
{
    // An endpoint that moves comes in two events; a change must be in the map within 10 ms.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(2);
    private const string MapFull = "ServiceMapFull";

    private readonly Lock gate = new();
    private readonly ServiceMirrors objects;
    private readonly ServiceMaps maps;
    private readonly Signal changed = new();
    private readonly ChangeLoop loop;
    private readonly SaidProblems said = new();
    private readonly NumberTable<ServicePortKey> ports;
    private readonly NumberTable<TransportAddress> backends;
    private readonly ServiceEngine engine;
    private readonly Dictionary<TransportAddress, string> unwritten = [];
    private readonly HashSet<TransportAddress> touched = [];
    private IReadOnlyDictionary<ObjectKey, ValueList<HostPort>> hostPorts =
        new Dictionary<ObjectKey, ValueList<HostPort>>();
    private bool isNodeKnown;
    private bool saidForce;

    /// <param name="node">Name of this node.</param>
    /// <param name="settings">What is served.</param>
    /// <param name="objects">The objects.</param>
    /// <param name="maps">Where they go.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">For what goes wrong.</param>
    public NodeServices(
        string node,
        ServiceSettings settings,
        ServiceMirrors objects,
        ServiceMaps maps,
        TimeProvider time,
        ILogger logger
    )
    {
        (this.objects, this.maps) = (objects, maps);
        loop = new ChangeLoop("Putting the Services into the maps", changed, Settle, time, logger);
        ports = new NumberTable<ServicePortKey>(maps.EntriesCapacity);
        backends = new NumberTable<TransportAddress>(maps.SlotsCapacity);
        HasHostPorts = settings.ReplacesKubeProxy;
        engine = new ServiceEngine(
            new LocalNode(node, null, [])
            {
                ServiceRanges = [.. settings.Cidrs],
                OnlyClusterIPs = !settings.ReplacesKubeProxy,
            },
            ports,
            backends
        );
        objects.Services.Changed += Take;
        objects.Slices.Changed += Take;
        objects.Node.Changed += Take;
        objects.Services.Fresh += changed.Set;
        objects.Slices.Fresh += changed.Set;
        objects.Node.Fresh += changed.Set;
    }

    /// <summary>
    /// All Services are in the maps for the first time, if only those that were written down. Raised again when whoever
    /// hears it fails.
    /// </summary>
    public event Action? TookForce;

    /// <summary>Something about a Service cannot work; each is told once.</summary>
    public event Action<ServiceProblem>? Failed;

    /// <summary>Services were put into the maps, or could not be, in so long a time.</summary>
    public event Action<TimeSpan, bool>? Enforced
    {
        add => loop.Applied += value;
        remove => loop.Applied -= value;
    }

    /// <summary>UDP endpoints of Services do not serve any more, and the maps are without them.</summary>
    public event Action? UdpEndpointsGone;

    /// <summary>A health check has come, changed or gone.</summary>
    public event Action<ServiceHealthChange>? HealthChanged;

    /// <summary>Whether pods' host ports are served.</summary>
    public bool HasHostPorts { get; }

    /// <summary>True when the maps have the Services of now, and not those of before a restart.</summary>
    public bool IsInForce { get; private set; }

    /// <summary>How many frontends the maps have no room for.</summary>
    public int Unwritten { get; private set; }

    /// <summary>The node's addresses and its pods' families are these.</summary>
    public void SetNode(IReadOnlyList<Ip> addresses, IReadOnlyList<Prefix> podCidrs)
    {
        lock (gate)
        {
            isNodeKnown = true;
            Set(
                engine.Node with
                {
                    Addresses = [.. addresses.Order()],
                    NodePortAddresses = [.. addresses.Order()],
                    HasIPv4 = podCidrs.Count == 0 || podCidrs.Any(prefix => prefix.IsV4),
                    HasIPv6 = podCidrs.Count == 0 || podCidrs.Any(prefix => !prefix.IsV4),
                }
            );
        }
    }

    /// <summary>The node's pods have these host ports; a pod that is not named has none.</summary>
    public void SetHostPorts(IReadOnlyDictionary<ObjectKey, ValueList<HostPort>> ports)
    {
        lock (gate)
        {
            foreach (var gone in hostPorts.Keys.Where(pod => !ports.ContainsKey(pod)))
            {
                engine.Set(gone, []);
            }

            foreach (var (pod, own) in ports)
            {
                if (!own.Equals(hostPorts.GetValueOrDefault(pod)))
                {
                    engine.Set(pod, own);
                }
            }

            hostPorts = ports;
        }

        changed.Set();
    }

    /// <summary>How many there are of what is served.</summary>
    public ServiceCounts Count()
    {
        lock (gate)
        {
            return new ServiceCounts(engine.Frontends.Count(), backends.UsedCount, Unwritten, IsInForce);
        }
    }

    /// <summary>Reads the engine while neither it nor the maps change.</summary>
    public T Read<T>(Func<ServiceEngine, T> read)
    {
        lock (gate)
        {
            return read(engine);
        }
    }

    /// <summary>Puts what changes into the maps until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) => loop.RunAsync(Enforce, NextRemoval, cancellation);

    /// <summary>Puts the Services as they are now into the maps.</summary>
    public void Enforce()
    {
        ServiceUpdate? update = null;
        List<ServiceProblem> news = [];
        var becameFresh = false;
        try
        {
            lock (gate)
            {
                // Also while nothing new can be known: they are nobody's.
                if (maps.RemoveRested())
                {
                    touched.UnionWith(unwritten.Keys);
                }

                var isFresh = objects.AreFresh;
                if (!isNodeKnown || !(isFresh || (maps.WereEmpty && objects.AreUsable)))
                {
                    return;
                }

                update = engine.Update();
                touched.UnionWith(update.Services.SelectMany(change => change.Frontends).Select(change => change.Key));
                Write(news);
                becameFresh = isFresh && !IsInForce;
                if (becameFresh)
                {
                    maps.RemoveStrays();
                    IsInForce = true;
                }
            }
        }
        finally
        {
            Tell(update?.Services ?? [], news);
        }

        if (!saidForce)
        {
            TookForce?.Invoke();
            saidForce = true;
        }

        if (becameFresh || update.Services.Any(change => change.Revisit.Count > 0))
        {
            UdpEndpointsGone?.Invoke();
        }
    }

    private TimeSpan? NextRemoval()
    {
        lock (gate)
        {
            return maps.NextRemoval;
        }
    }

    /// <summary>Writes what was touched, removals first, for they may make room. What is news about them goes into news.</summary>
    private void Write(List<ServiceProblem> news)
    {
        var come = new List<Frontend>();
        foreach (var key in touched.Where(key => engine.Find(key) is null))
        {
            maps.Remove(key);
            unwritten.Remove(key);
        }

        foreach (var frontend in touched.Select(engine.Find).OfType<Frontend>())
        {
            var isNew = maps.Find(frontend.Key) is null;
            if (maps.TryWrite(frontend, engine.Node.Addresses) is not { } map)
            {
                unwritten.Remove(frontend.Key);
                if (isNew)
                {
                    come.Add(frontend);
                }
            }
            else if (unwritten.TryAdd(frontend.Key, map))
            {
                news.Add(
                    new ServiceProblem(
                        frontend.Port.Service,
                        MapFull,
                        $"{frontend.Key} stays as it was: the map {map} has no room for more"
                    )
                );
            }
        }

        news.AddRange(TakenPorts.Of(come));
        touched.Clear();
        Unwritten = unwritten.Count;
    }

    private void Tell(IReadOnlyList<ServiceChange> changes, List<ServiceProblem> news)
    {
        foreach (var change in changes)
        {
            foreach (var problem in change.Problems is { } all ? said.News(change.Service, all) : [])
            {
                Failed?.Invoke(problem);
            }

            if (change.Health is { } health)
            {
                HealthChanged?.Invoke(health);
            }
        }

        news.ForEach(problem => Failed?.Invoke(problem));
    }

    private void Take(Change<Service> change)
    {
        lock (gate)
        {
            if (change.New is { } service)
            {
                if (!IsInForce)
                {
                    Remember(service);
                }

                engine.Set(service);
            }
            else
            {
                engine.RemoveService(change.Key);
            }
        }

        changed.Set();
    }

    private void Take(Change<EndpointSlice> change)
    {
        lock (gate)
        {
            if (change.New is { } slice)
            {
                engine.Set(slice);
            }
            else
            {
                engine.RemoveSlice(change.Key);
            }
        }

        changed.Set();
    }

    private void Take(Change<KubernetesNode> change)
    {
        if (change.New is { } node)
        {
            lock (gate)
            {
                Set(engine.Node with { Zone = ServiceMirrors.ZoneOf(node) });
            }
        }
    }

    private void Set(LocalNode node)
    {
        var before = engine.Node;
        engine.Set(node);
        if (before != node)
        {
            // Whether the node is among a Service's sources does not show in its frontends.
            touched.UnionWith(engine.Frontends.Select(frontend => frontend.Key));
            changed.Set();
        }
    }

    /// <summary>Clients keep their backends by the number of the Service's port, so it must be what it was.</summary>
    private void Remember(Service service)
    {
        foreach (var (key, frontend) in ServicePorts.Of(service))
        {
            if (maps.FormerNumber(frontend) is { } number)
            {
                ports.Remember(key, number);
            }
        }
    }
}
