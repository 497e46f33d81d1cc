using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services.Backends;
using Weft.Services.Changes;
using Weft.Services.Endpoints;
using Weft.Services.Frontends;
using Weft.Services.HostPorts;
using Weft.Services.Numbers;
using Weft.Services.Reading;

namespace Weft.Services;

/// <summary>
/// Services, their EndpointSlices and the node's pods' host ports in, frontends and backends out, as one node needs them. It does no I/O, reads no
/// clock and is for one thread. What it is told takes effect with the next <see cref="Update"/>, all at once: an
/// endpoint that moves from one slice to another is never missing. The work is that of the Services concerned.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="ports">Numbers of Services' ports; with those from before a restart, if there are any.</param>
/// <param name="backends">Numbers of backends; likewise.</param>
public sealed class ServiceEngine(
    LocalNode node,
    NumberTable<ServicePortKey> ports,
    NumberTable<TransportAddress> backends
)
{
    private readonly Dictionary<ObjectKey, ServiceState> services = [];
    private readonly Dictionary<ObjectKey, ObjectKey> servicesOfSlices = [];
    private readonly FrontendTable frontends = new();
    private readonly HashSet<ObjectKey> dirty = [];

    /// <summary>The node they are worked out for.</summary>
    public LocalNode Node => node;

    /// <summary>All frontends, as of the last update.</summary>
    public IEnumerable<Frontend> Frontends => frontends.All;

    /// <summary>All health checks, as of the last update.</summary>
    public IEnumerable<ServiceHealth> HealthChecks =>
        services.Values.Select(state => state.Health).OfType<ServiceHealth>();

    /// <summary>All problems, as of the last update.</summary>
    public IEnumerable<ServiceProblem> Problems => services.Values.SelectMany(state => state.Problems);

    /// <summary>The frontend with exactly this key, as of the last update.</summary>
    public Frontend? Find(TransportAddress key) => frontends.Find(key);

    /// <summary>What becomes of a new connection; null when it is for no Service.</summary>
    public ServiceVerdict? Judge(Source source, Ip client, TransportAddress destination) =>
        ServiceJudge.Judge(Find, node.ServiceRanges, source, client, destination);

    /// <summary>Takes in a Service, in place of what was known under its name.</summary>
    public void Set(Service service)
    {
        var state = StateOf(ObjectKey.Of(service));
        state.Object = service;
        var rules = ServiceReader.Read(service, node);
        if (!Equals(rules, state.Rules))
        {
            state.Rules = rules;
            dirty.Add(state.Key);
        }
    }

    /// <summary>Forgets a Service.</summary>
    public void RemoveService(ObjectKey service)
    {
        if (services.TryGetValue(service, out var state))
        {
            state.Object = null;
            state.Rules = null;
            dirty.Add(service);
        }
    }

    /// <summary>Takes in a slice, in place of what was known under its name.</summary>
    public void Set(EndpointSlice slice)
    {
        var key = ObjectKey.Of(slice);
        if (SliceReader.ServiceOf(slice) is not { } service)
        {
            RemoveSlice(key);
            return;
        }

        if (servicesOfSlices.TryGetValue(key, out var old) && old != service)
        {
            RemoveSlice(key);
        }

        servicesOfSlices[key] = service;
        var state = StateOf(service);
        var content = SliceReader.Read(slice);
        if (!content.Equals(state.Slices.GetValueOrDefault(key.Name)))
        {
            state.Slices[key.Name] = content;
            dirty.Add(service);
        }
    }

    /// <summary>Forgets a slice.</summary>
    public void RemoveSlice(ObjectKey slice)
    {
        if (servicesOfSlices.Remove(slice, out var service))
        {
            services[service].Slices.Remove(slice.Name);
            dirty.Add(service);
        }
    }

    /// <summary>Takes in a pod's host ports, in place of those it had; with none it is forgotten.</summary>
    public void Set(ObjectKey pod, ValueList<HostPort> ports)
    {
        var owner = HostPort.OwnerOf(pod);
        if (services.ContainsKey(owner) || ports.Count > 0)
        {
            StateOf(owner).HostPorts = ports;
            dirty.Add(owner);
        }
    }

    /// <summary>Takes in a change of the node: every Service is worked out anew.</summary>
    public void Set(LocalNode changed)
    {
        if (node == changed)
        {
            return;
        }

        node = changed;
        foreach (var state in services.Values)
        {
            state.Rules = state.Object is null ? null : ServiceReader.Read(state.Object, node);
            dirty.Add(state.Key);
        }
    }

    /// <summary>Puts in force what was taken in.</summary>
    public ServiceUpdate Update()
    {
        var round = new UpdateRound(node, services, frontends, ports, new BackendNumbers(backends));
        foreach (var key in dirty.OrderBy(key => $"{key}", StringComparer.Ordinal))
        {
            round.Evaluate(services[key]);
        }

        dirty.Clear();
        return round.Finish();
    }

    /// <summary>
    /// Whether a UDP flow must end that came for a frontend and goes to this backend. One whose frontend is gone goes
    /// on: a change of the Service itself ends nothing.
    /// </summary>
    public bool MustEnd(TransportAddress frontend, TransportAddress backend) =>
        frontend.Protocol == Transport.Udp
        && frontends.Find(frontend) is { } found
        && UdpFlows.MustEnd(services[found.Port.Service].Ports[found.Port].Serving, backend);

    private ServiceState StateOf(ObjectKey key)
    {
        if (!services.TryGetValue(key, out var state))
        {
            services[key] = state = new ServiceState(key);
        }

        return state;
    }
}
