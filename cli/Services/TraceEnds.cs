using System.Globalization;
using Weft.Cli.Agents;
using Weft.Contracts;
using Weft.Net;

namespace Weft.Cli.Services;

/// <summary>Finds what the words of `weft service trace` mean, by asking the agents.</summary>
internal sealed class TraceEnds(IReadOnlyList<LiveAgent> agents)
{
    /// <summary>What to ask whom: the client's node, or every node when the client is on none.</summary>
    /// <exception cref="CommandException">A word means nothing.</exception>
    public IReadOnlyList<(LiveAgent Agent, TraceQuestion Question)> Questions(string from, string to)
    {
        var (target, port, protocol) = Destination(to);
        var destinations = Ip.TryParse(target, out var address) ? [address] : AddressesOf(target);
        var clients = Clients(from);
        var questions = (
            from client in clients
            from destination in destinations
            where client.Address is not { } own || own.IsV4 == destination.IsV4
            select (client.Agent, new TraceQuestion(client.Address?.ToString(), $"{destination}", (byte)protocol, port))
        ).ToList();
        return questions.Count > 0
            ? questions
            : throw new CommandException($"{from} and {to} have no addresses of one family");
    }

    private List<(LiveAgent Agent, Ip? Address)> Clients(string text)
    {
        if (agents.FirstOrDefault(agent => agent.Node == text) is { } node)
        {
            return [(node, null)];
        }

        var isAddress = Ip.TryParse(text, out var address);
        var pods =
            from agent in agents
            from endpoint in agent.Ask(new AgentRequest(AgentVerb.State)).State?.Endpoints ?? []
            from own in endpoint.Addresses.Select(own =>
                Prefix.TryParse(own, out var prefix) ? prefix.Address : Ip.Parse(own)
            )
            where isAddress ? own == address : endpoint.Pod?.ToString() == text
            select (agent, (Ip?)own);
        var found = pods.ToList();
        return found.Count > 0 ? found
            : isAddress ? [.. agents.Select(agent => (agent, (Ip?)address))]
            : throw new CommandException(
                $"\"{text}\" is no client: write NAMESPACE/POD of a pod that runs, an address, or one of the nodes {string.Join(", ", agents.Select(agent => agent.Node))}"
            );
    }

    private List<Ip> AddressesOf(string service)
    {
        var frontends =
            agents[0]
                .Ask(new AgentRequest(AgentVerb.Services, Services: new ServicesQuestion(service)))
                .Services?.Frontends
            ?? [];
        var addresses = frontends
            .Where(frontend => frontend.Kind == "ClusterIP")
            .Select(frontend => frontend.Address[..frontend.Address.LastIndexOf(':')].Trim('[', ']'))
            .Distinct()
            .Select(Ip.Parse)
            .ToList();
        return addresses.Count > 0
            ? addresses
            : throw new CommandException($"no node serves a Service {service}: see `weft service list`");
    }

    /// <summary>10.96.0.1:80, [fd00::1]:53/UDP, shop/web:80.</summary>
    private static (string Target, ushort Port, Transport Protocol) Destination(string text)
    {
        var colon = text.LastIndexOf(':');
        var parts = colon > 0 ? text[(colon + 1)..].Split('/') : [];
        return
            parts.Length is 1 or 2
            && ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port > 0
            && Transports.Parse(parts.ElementAtOrDefault(1)?.ToUpperInvariant()) is { } protocol
            ? (text[..colon].Trim('[', ']'), port, protocol)
            : throw new CommandException(
                $"\"{text}\" is no destination: write ADDRESS:PORT or NAMESPACE/SERVICE:PORT, with /UDP or /SCTP if it is not TCP"
            );
    }
}
