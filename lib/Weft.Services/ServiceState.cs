using Weft.Kubernetes.Objects;
using Weft.Services.Backends;
using Weft.Services.Endpoints;
using Weft.Services.Frontends;
using Weft.Services.HostPorts;
using Weft.Services.Reading;

namespace Weft.Services;

/// <summary>What the engine holds of one Service: what it was told, and what came of it at the last update.</summary>
internal sealed class ServiceState(ObjectKey key)
{
    public ObjectKey Key => key;

    /// <summary>The object, to be read again when the node changes; null while only slices are known.</summary>
    public Service? Object { get; set; }

    /// <summary>Null for a Service without datapath.</summary>
    public ServiceRules? Rules { get; set; }

    /// <summary>By name, so that the choice between duplicates does not depend on the order of arrival.</summary>
    public SortedDictionary<string, SliceContent> Slices { get; } = new(StringComparer.Ordinal);

    /// <summary>Of a pod, which has neither object, rules nor slices.</summary>
    public ValueList<HostPort> HostPorts { get; set; } = [];

    public Dictionary<ServicePortKey, PortState> Ports { get; set; } = [];

    public Dictionary<TransportAddress, Claim> Claims { get; set; } = [];

    public ServiceHealth? Health { get; set; }

    /// <summary>Problems of the Service itself, as of the last update.</summary>
    public List<ServiceProblem> OwnProblems { get; set; } = [];

    /// <summary>Claims that another Service came before with.</summary>
    public SortedSet<TransportAddress> Lost { get; } = [];

    /// <summary>All problems, as last reported.</summary>
    public ValueList<ServiceProblem> Problems { get; set; } = [];

    public bool IsEmpty => Object is null && Slices.Count == 0 && HostPorts.Count == 0;
}
