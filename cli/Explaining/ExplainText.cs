using System.Globalization;
using Weft.Contracts;
using Weft.Policy.Explanations;

namespace Weft.Cli.Explaining;

/// <summary>An explanation for people.</summary>
internal static class ExplainText
{
    public static IEnumerable<string> Of(ExplainResult result) =>
        result
            .Connections.SelectMany(connection => Connection(result, connection))
            .Concat((result.Services ?? []).SelectMany(service => ToService(result, service)));

    /// <summary>Endpoints that fare alike are told of once.</summary>
    private static IEnumerable<string> ToService(ExplainResult result, ExplainedService service)
    {
        var fate = service.Action switch
        {
            "Forward" => $"goes to one of {service.Endpoints.Count}",
            "Reject" => "is refused",
            _ => "gets no answer",
        };
        yield return $"{result.From} to Service {result.To} at {service.Asked}, by {service.Node}: {fate}";
        yield return $"  {service.Reason}";
        if (service.Difference is { } difference)
        {
            yield return $"  DIFFERS: the maps of {service.Node} say: {difference}";
        }

        foreach (var alike in service.Endpoints.GroupBy(Fate, StringComparer.Ordinal))
        {
            var first = alike.First();
            foreach (var line in Of(first))
            {
                yield return $"  {line}";
            }

            if (alike.Skip(1).Select(End).ToList() is { Count: > 0 } others)
            {
                yield return $"    likewise to {string.Join(", ", others)}";
            }
        }
    }

    private static string End(ExplainResult endpoint) =>
        End(endpoint.To, endpoint.Connections.Select(connection => connection.Destination).FirstOrDefault(endpoint.To));

    /// <summary>What is said of an endpoint but for its name and address.</summary>
    private static string Fate(ExplainResult endpoint) =>
        string.Join(
            '\n',
            endpoint.Connections.Select(connection =>
                $"{connection.Source} {endpoint.Port} {connection.Allowed} {Fate(connection.Egress)} {Fate(connection.Ingress)}"
            )
        );

    private static string Fate(ExplainedSide side) =>
        $"{Why(side)}{(side.Maps is null ? " unasked" : "")}{(side.Differs ? $" {side.Node} {Maps(side.Maps!)}" : side.Maps?.Set?.Note)}";

    private static IEnumerable<string> Connection(ExplainResult result, ExplainedConnection connection)
    {
        var port =
            result.Port == 0
                ? result.Protocol
                : string.Create(CultureInfo.InvariantCulture, $"{result.Port}/{result.Protocol}");
        yield return $"{End(result.From, connection.Source)} to {End(result.To, connection.Destination)} {port}: {(connection.Allowed ? "allowed" : "denied")}";
        yield return $"  egress of {result.From}: {Why(connection.Egress)}";
        yield return $"  ingress of {result.To}: {Why(connection.Ingress)}";
        foreach (var (direction, side) in new[] { ("egress", connection.Egress), ("ingress", connection.Ingress) })
        {
            if (side.Maps is not { } maps)
            {
                continue;
            }

            if (side.Differs)
            {
                yield return $"  DIFFERS: the maps of {side.Node} say of {direction}: {Maps(maps)}";
            }
            else if (maps.Set?.Note is { } note)
            {
                yield return $"  {direction} on {side.Node}: {note}";
            }
        }

        if (connection.Egress.Maps is null && connection.Ingress.Maps is null)
        {
            yield return "  by the objects alone: no agent that has one of these pods can be asked from here";
        }
    }

    private static string End(string name, string address) => name == address ? name : $"{name} ({address})";

    private static string Why(ExplainedSide side) =>
        Enum.Parse<SideOutcome>(side.Outcome) switch
        {
            SideOutcome.NoPod => "allowed, it is no pod that policies can select",
            SideOutcome.NotIsolated => "allowed, no policy isolates it in this direction",
            SideOutcome.OwnNode => "allowed, a pod's own node always reaches it",
            SideOutcome.Itself => "allowed, a pod always reaches itself",
            SideOutcome.Allowed => $"allowed by {side.Rule}",
            _ =>
                $"denied, {Join(side.IsolatedBy)} and no rule of {(side.IsolatedBy.Count == 1 ? "it" : "them")} allows it"
                    + (side.Audited ? "; let through for audit" : ""),
        };

    private static string Join(IReadOnlyList<string> policies) =>
        policies.Count == 1
            ? $"{policies[0]} selects it"
            : $"{string.Join(", ", policies.SkipLast(1))} and {policies[^1]} select it";

    private static string Maps(PolicySide maps) =>
        (
            maps.Verdict switch
            {
                PolicyVerdict.NotIsolated => "allowed, nothing isolates it",
                PolicyVerdict.OwnNode => "allowed, its own node",
                PolicyVerdict.Allowed => $"allowed by {maps.Rule ?? "a rule that is gone"}",
                _ => "denied",
            }
        )
        + (maps.Audit ? ", audited" : "")
        + (maps.Set?.Note is { } note ? $"; {note}" : "");
}
