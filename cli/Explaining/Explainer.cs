using Weft.Cli.Agents;
using Weft.Contracts;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy.Explanations;
using Weft.Services;
using Weft.Services.Backends;

namespace Weft.Cli.Explaining;

/// <summary>Explains connections, to an end or to whom a Service leads.</summary>
/// <param name="names">Finds the pods behind endpoints.</param>
/// <param name="policies">All of the cluster.</param>
/// <param name="agents">Those that can be asked what their maps say.</param>
internal sealed class Explainer(EndNames names, IReadOnlyList<NetworkPolicy> policies, IReadOnlyList<LiveAgent> agents)
{
    /// <exception cref="CommandException">The ends have no family in common, or the port is none.</exception>
    public ExplainResult ToEnd(ConnectionEnd source, ConnectionEnd destination, string port)
    {
        var (protocol, number) = EndNames.Port(port, destination);
        var result = Explain(source, destination, protocol, number);
        return result.Connections.Count > 0
            ? result
            : throw new CommandException($"{source.Name} and {destination.Name} have no addresses of one family");
    }

    /// <summary>To each endpoint of each route.</summary>
    public async Task<ExplainResult> ToServiceAsync(
        ConnectionEnd source,
        string service,
        IReadOnlyList<ServiceRoute> routes
    )
    {
        var explained = new List<ExplainedService>();
        foreach (var route in routes)
        {
            var endpoints = new List<ExplainResult>();
            foreach (var backend in route.Verdict.Backends)
            {
                endpoints.Add(
                    Explain(
                        route.Seen(source, backend),
                        await EndOfAsync(backend),
                        backend.Key.Protocol,
                        backend.Key.Port
                    )
                );
            }

            explained.Add(
                new ExplainedService(
                    $"{route.Asked}",
                    route.Node.Name,
                    $"{route.Verdict.Action}",
                    route.Verdict.Reason,
                    DifferenceAt(route),
                    endpoints
                )
            );
        }

        var asked = routes[0].Asked;
        return new ExplainResult(source.Name, service, NameOf(asked.Protocol), asked.Port, [], explained);
    }

    private ExplainResult Explain(ConnectionEnd source, ConnectionEnd destination, Transport protocol, ushort port) =>
        new(
            source.Name,
            destination.Name,
            NameOf(protocol),
            port,
            [
                .. Explanation
                    .Of(policies, source, destination, protocol, port)
                    .Select(explained => Comparison.Of(explained, protocol, port, agents)),
            ]
        );

    private async Task<ConnectionEnd> EndOfAsync(Backend backend) =>
        backend.Pod is { } pod && await names.IsPodAsync($"{pod}")
            ? await names.FindAsync($"{pod}") with
            {
                Addresses = [backend.Key.Address],
            }
            : new ConnectionEnd($"{backend.Key.Address}", [backend.Key.Address]);

    /// <summary>What the node itself says of the same connection, if it can be asked and says something else.</summary>
    private string? DifferenceAt(ServiceRoute route)
    {
        if (agents.FirstOrDefault(agent => agent.Node == route.Node.Name) is not { } agent)
        {
            return null;
        }

        var question = new TraceQuestion(
            $"{route.Client}",
            $"{route.Asked.Address}",
            (byte)route.Asked.Protocol,
            route.Asked.Port
        );
        var answer = agent.Ask(new AgentRequest(AgentVerb.Trace, Trace: question)).Trace!;
        return answer.Difference
            ?? (
                answer.Action == $"{route.Verdict.Action}"
                && Keys(answer.Backends.Select(backend => backend.Address))
                    .SetEquals(route.Verdict.Backends.Select(backend => $"{backend.Key}"))
                    ? null
                    : answer.Reason
            );
    }

    private static HashSet<string> Keys(IEnumerable<string> addresses) => [.. addresses];

    private static string NameOf(Transport protocol) =>
        protocol == EndNames.Icmp ? "ICMP" : protocol.ToString().ToUpperInvariant();
}
