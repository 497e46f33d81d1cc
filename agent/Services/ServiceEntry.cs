using Weft.Datapath;
using Weft.Net;
using Weft.Services;
using Weft.Services.Frontends;

namespace Weft.Agent.Services;

/// <summary>What the maps have of a frontend. Pure.</summary>
internal static class ServiceEntry
{
    /// <summary>Key of the frontend's entry for one side.</summary>
    public static ServiceKey KeyOf(TransportAddress frontend, ServiceSide side) =>
        ServiceKey.Of(frontend.Address, frontend.Port, (byte)frontend.Protocol, side);

    /// <summary>What one side gets.</summary>
    public static Selection SelectionOf(Frontend frontend, ServiceSide side) =>
        side == ServiceSide.Inside ? frontend.FromInside : frontend.FromOutside;

    /// <summary>The frontend's entry for one side.</summary>
    /// <param name="frontend">The frontend.</param>
    /// <param name="side">For whom.</param>
    /// <param name="list">The list in the map that has the side's backends.</param>
    /// <param name="own">This node's addresses.</param>
    public static ServiceValue ValueOf(Frontend frontend, ServiceSide side, WrittenList list, IEnumerable<Ip> own)
    {
        var selection = SelectionOf(frontend, side);
        return new ServiceValue
        {
            Number = frontend.Number,
            List = list.Number,
            // The map's lists end there, and no Service comes near it.
            Count = (ushort)Math.Min(selection.Backends.Backends.Count, ushort.MaxValue),
            Serving = (ushort)list.Slots,
            AffinitySeconds = frontend.AffinitySeconds,
            Flags = FlagsOf(frontend, selection, own),
        };
    }

    /// <summary>Who may use the frontend, as the map service_sources has it.</summary>
    public static IReadOnlyList<ServiceSourceKey> SourcesOf(Frontend frontend) =>
        [.. (frontend.SourceRanges ?? []).Distinct().Select(range => ServiceSourceKey.Of(frontend.Number, range))];

    /// <summary>The port of this node that is the frontend's alone, if it is one.</summary>
    public static IReadOnlyList<NodePort> NodePortsOf(Frontend frontend) =>
        frontend.Kind == FrontendKind.NodePort ? [NodePort.Of(frontend.Key.Port, (byte)frontend.Key.Protocol)] : [];

    private static ServiceFlags FlagsOf(Frontend frontend, Selection selection, IEnumerable<Ip> own) =>
        // Without any endpoint everybody is told so, whom the ranges would keep out among them.
        selection.Action == ServiceAction.Reject
            ? 0
            : (selection.Action == ServiceAction.Drop ? ServiceFlags.Drops : 0)
                | (frontend.SourceRanges is null ? 0 : ServiceFlags.HasSourceRanges)
                | (frontend.SourceRanges is not null && own.Any(frontend.Admits) ? ServiceFlags.AdmitsNode : 0);
}
