using Weft.Agent.Endpoints;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services;
using Weft.Services.Backends;
using Weft.Services.Frontends;

namespace Weft.Agent.Services;

/// <summary>
/// Answers about Services: what this node makes of the objects, and whether the maps, which packets and sockets meet, say
/// the same.
/// </summary>
internal sealed class LiveServices(NodeServices services, LoadedDatapath datapath)
{
    /// <summary>Whether pods' host ports are served.</summary>
    public bool HasHostPorts => services.HasHostPorts;

    /// <summary>Services as they are served.</summary>
    public ServicesAnswer Answer(ServicesQuestion question)
    {
        bool Is(ObjectKey service) => question.Service is not { } wanted || $"{service}" == wanted;
        return services.Read(engine => new ServicesAnswer(
            services.IsInForce,
            services.Unwritten,
            [
                .. engine
                    .Frontends.Where(frontend => !frontend.Key.IsRest && Is(frontend.Port.Service))
                    .OrderBy(frontend => $"{frontend.Port.Service}", StringComparer.Ordinal)
                    .ThenBy(frontend => frontend.Kind)
                    .ThenBy(frontend => frontend.Key)
                    .Select(frontend => StateOf(frontend, engine.Node, question.Service is not null)),
            ],
            [
                .. engine
                    .Problems.Where(problem => Is(problem.Service))
                    .Select(problem => new ServiceProblemState($"{problem.Service}", problem.Reason, problem.Message)),
            ]
        ));
    }

    /// <summary>Where a connection would go.</summary>
    /// <exception cref="RequestException">An address is none.</exception>
    public TraceAnswer Trace(TraceQuestion question)
    {
        var destination = new TransportAddress(Read(question.Destination), question.Port, (Transport)question.Protocol);
        return services.Read(engine =>
        {
            var client = question.Source is { } text
                ? Read(text)
                : engine.Node.Addresses.FirstOrDefault(own => own.IsV4 == destination.Address.IsV4);
            var source = SourceOf(client, engine.Node);
            var verdict = engine.Judge(source, client, destination);
            return verdict is null
                ? new TraceAnswer($"{source}", null, $"{destination} is no Service's", false, [], null)
                : new TraceAnswer(
                    $"{source}",
                    $"{verdict.Action}",
                    verdict.Reason,
                    verdict.Masquerade,
                    [.. verdict.Backends.Select(StateOf)],
                    verdict.Frontend is { } frontend ? DifferenceOf(frontend, engine.Node) : null
                );
        });
    }

    private bool IsPod(Ip address) => datapath.Endpoints.TryLookup(MapAddress.From(address), out _);

    private Source SourceOf(Ip client, LocalNode node) =>
        IsPod(client) ? Source.Pod
        : node.Addresses.Contains(client) || client.IsLoopback ? Source.Node
        : Source.External;

    private FrontendState StateOf(Frontend frontend, LocalNode node, bool withBackends) =>
        new(
            $"{frontend.Port.Service}",
            frontend.Port.Name,
            $"{frontend.Key}",
            $"{frontend.Kind}",
            frontend.AffinitySeconds,
            frontend.SourceRanges?.Select(range => range.ToString()).ToList(),
            SideOf(frontend.FromInside, withBackends),
            SideOf(frontend.FromOutside, withBackends),
            DifferenceOf(frontend, node)
        );

    private static FrontendSide SideOf(Selection selection, bool withBackends) =>
        new(
            $"{selection.Action}",
            $"{selection.Backends.Key.Policy}",
            selection.Backends.Backends.Count,
            withBackends ? [.. selection.Backends.Backends.Select(StateOf)] : null
        );

    private static BackendState StateOf(Backend backend) =>
        new($"{backend.Key}", backend.Pod?.ToString(), backend.NodeName, backend.IsLocal, backend.IsTerminating);

    /// <summary>The maps are read as bpf/include/service.h reads them.</summary>
    private string? DifferenceOf(Frontend frontend, LocalNode node) =>
        DifferenceOf(frontend, ServiceSide.Inside, node) ?? DifferenceOf(frontend, ServiceSide.Outside, node);

    private string? DifferenceOf(Frontend frontend, ServiceSide side, LocalNode node)
    {
        if (!datapath.Services.TryLookup(ServiceEntry.KeyOf(frontend.Key, side), out var live))
        {
            return "the map services does not have it";
        }

        var backends = ServiceEntry.SelectionOf(frontend, side).Backends;
        var slots = BackendLists.SlotsOf(backends);
        var wanted = ServiceEntry.ValueOf(frontend, side, new WrittenList(live.List, slots.Count), node.Addresses);
        if (live != wanted)
        {
            return $"the map services has it otherwise for those {(side == ServiceSide.Inside ? "inside" : "outside")}";
        }

        for (var slot = 0; slot < slots.Count; slot++)
        {
            if (
                !datapath.Backends.TryLookup(new BackendKey(live.List, (uint)slot), out var backend)
                || backend != slots[slot]
            )
            {
                return $"the map backends has another in place of {slots[slot].Address.ToIp()}";
            }
        }

        return null;
    }

    private static Ip Read(string text) =>
        Ip.TryParse(text, out var ip)
            ? ip
            : throw new RequestException(CniErrorCode.DecodingFailure, $"\"{text}\" is not an IP address");
}
