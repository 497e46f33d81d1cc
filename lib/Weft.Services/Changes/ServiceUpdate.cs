using Weft.Kubernetes.Objects;
using Weft.Services.Backends;
using Weft.Services.Frontends;

namespace Weft.Services.Changes;

/// <summary>
/// What has changed since the last update. Written in this order no packet meets a number that means nothing yet: new
/// backends, then each Service's lists and frontends, then backends that are gone.
/// </summary>
/// <param name="Services">By name, one entry for each Service that something changed of.</param>
/// <param name="BackendsAdded">Endpoints that no Service had before.</param>
/// <param name="BackendsGone">Endpoints that no Service has any more. Their numbers rest before others get them.</param>
public sealed record ServiceUpdate(
    IReadOnlyList<ServiceChange> Services,
    IReadOnlyList<NumberedBackend> BackendsAdded,
    IReadOnlyList<NumberedBackend> BackendsGone
);

/// <summary>A backend and its number.</summary>
public readonly record struct NumberedBackend(uint Number, TransportAddress Key);

/// <summary>What has changed of one Service, to be put in force together.</summary>
/// <param name="Service">The Service.</param>
/// <param name="Lists">Lists of backends, each once however many frontends share it.</param>
/// <param name="Frontends">By address, changes of their lists included.</param>
/// <param name="Revisit">
/// UDP frontends some of whose flows may have to end: see <see cref="UdpFlows.MustEnd"/>.
/// </param>
/// <param name="Health">The health check, if it changed.</param>
/// <param name="Problems">All its problems, if they changed; else null.</param>
public sealed record ServiceChange(
    ObjectKey Service,
    IReadOnlyList<BackendListChange> Lists,
    IReadOnlyList<FrontendChange> Frontends,
    IReadOnlyList<TransportAddress> Revisit,
    ServiceHealthChange? Health,
    IReadOnlyList<ServiceProblem>? Problems
);

/// <summary>A frontend before and after; null where there is none. The old one may be another Service's.</summary>
public sealed record FrontendChange(TransportAddress Key, Frontend? Old, Frontend? New);

/// <summary>A list before and after; null where there is none.</summary>
public sealed record BackendListChange(BackendListKey Key, BackendList? Old, BackendList? New);

/// <summary>A health check before and after; null where there is none.</summary>
public sealed record ServiceHealthChange(ServiceHealth? Old, ServiceHealth? New);
