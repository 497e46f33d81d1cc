using System.Globalization;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy.Explanations;
using Weft.Services;
using Weft.Services.Backends;
using Weft.Services.Frontends;
using Weft.Services.Numbers;

namespace Weft.Cli.Explaining;

/// <summary>
/// Where a connection to a Service goes, by the objects: the code that agents serve with works it out for the client's
/// node, and for a client outside of the cluster for each node that it may come through.
/// </summary>
internal sealed class ServiceRoutes(KubernetesClient client, CancellationToken cancel)
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";
    private const uint MostNumbers = 1 << 20;

    /// <summary>One route for each family and node; null when it is to no Service.</summary>
    /// <param name="source">Who opens it.</param>
    /// <param name="to">NAMESPACE/SERVICE, or an address.</param>
    /// <param name="port">80, 80/UDP, or the name of a port of the Service.</param>
    /// <exception cref="CommandException">The Service has no such port, or no address.</exception>
    public async Task<IReadOnlyList<ServiceRoute>?> FindAsync(ConnectionEnd source, string to, string port)
    {
        var isAddress = Ip.TryParse(to, out var address);
        if (!isAddress && to.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            return null;
        }

        var services =
            isAddress ? await ClaimantsAsync(address, port)
            : await client.FindAsync(Kinds.Services, Key(to), cancel) is { } named ? [named]
            : [];
        if (services.Count == 0)
        {
            return null;
        }

        var addresses = isAddress ? [address] : ClusterIPs(services[0]);
        if (addresses.Count == 0)
        {
            throw new CommandException($"Service {to} has no address of its own: name one of its pods");
        }

        var slices = new List<EndpointSlice>();
        foreach (var service in services)
        {
            slices.AddRange(
                (
                    await client.ListAsync(
                        Kinds.EndpointSlices,
                        new ListOptions
                        {
                            Namespace = service.Metadata.Namespace,
                            LabelSelector = $"kubernetes.io/service-name={service.Metadata.Name}",
                        },
                        cancel
                    )
                ).Items
                    ?? []
            );
        }

        var nodes = (await client.ListAsync(Kinds.Nodes, new ListOptions(), cancel)).Items ?? [];
        var (protocol, number) = Port(port, services, isAddress ? null : to);
        var routes = new List<ServiceRoute>();
        foreach (var node in nodes.Select(Local).Where(node => Serves(node, nodes, source, addresses)))
        {
            var engine = new ServiceEngine(node, new(MostNumbers), new(MostNumbers));
            services.ForEach(engine.Set);
            slices.ForEach(engine.Set);
            engine.Update();
            routes.AddRange(
                from own in source.Addresses
                from destination in addresses
                where own.IsV4 == destination.IsV4
                let asked = new TransportAddress(destination, number, protocol)
                let verdict = engine.Judge(SourceOn(node, source), own, asked)
                where verdict is not null
                select new ServiceRoute(node, SourceOn(node, source), own, asked, verdict)
            );
        }

        return routes.Count > 0 || isAddress
            ? routes.Count > 0
                ? routes
                : null
            : throw new CommandException($"{source.Name} and Service {to} have no addresses of one family");
    }

    /// <summary>Services that this may be for: with this address, or with a node port of this number on any.</summary>
    private async Task<List<Service>> ClaimantsAsync(Ip address, string port) =>
        [
            .. ((await client.ListAsync(Kinds.Services, new ListOptions(), cancel)).Items ?? []).Where(service =>
                ClusterIPs(service).Contains(address)
                || (service.Spec?.ExternalIPs ?? [])
                    .Concat((service.Status?.LoadBalancer?.Ingress ?? []).Select(ingress => ingress.Ip ?? ""))
                    .Any(text => Ip.TryParse(text, out var own) && own == address)
                || (service.Spec?.Ports ?? []).Any(own =>
                    own.NodePort is { } number && port.Split('/')[0] == number.ToString(CultureInfo.InvariantCulture)
                )
            ),
        ];

    private static List<Ip> ClusterIPs(Service service) =>
        [
            .. (service.Spec?.ClusterIPs ?? [service.Spec?.ClusterIP ?? ""]).SelectMany(text =>
                Ip.TryParse(text, out var address) ? (Ip[])[address] : []
            ),
        ];

    /// <summary>A name is that of a port of the Service that was named, or of the only one that has the address.</summary>
    private static (Transport Protocol, ushort Port) Port(string text, List<Service> services, string? name)
    {
        var parts = text.Split('/');
        var protocol = parts.Length < 3 ? Transports.Parse(parts.ElementAtOrDefault(1)?.ToUpperInvariant()) : null;
        if (
            protocol is { } known
            && ushort.TryParse(parts[0], CultureInfo.InvariantCulture, out var number)
            && number > 0
        )
        {
            return (known, number);
        }

        var ports = services.SelectMany(service => service.Spec?.Ports ?? []).Where(port => port.Name == parts[0]);
        return ports.FirstOrDefault() is { } named && Transports.Parse(named.Protocol) is { } own
            ? (own, (ushort)named.Port)
            : throw new CommandException(
                $"\"{text}\" is no port: write 80, 80/UDP, 80/SCTP, or the name of a port of Service {name ?? $"{ObjectKey.Of(services[0])}"}"
            );
    }

    /// <summary>The client's node; for a client on none, the node that it asks, else every one.</summary>
    private static bool Serves(LocalNode node, IReadOnlyList<Node> nodes, ConnectionEnd source, List<Ip> asked)
    {
        if (source.Pod is { } pod)
        {
            return pod.Spec?.NodeName == node.Name;
        }

        var all = nodes.Select(Local).ToList();
        return all.Any(other => IsOf(other, source.Addresses))
            ? IsOf(node, source.Addresses)
            : !all.Any(other => IsOf(other, asked)) || IsOf(node, asked);
    }

    private static bool IsOf(LocalNode node, IReadOnlyList<Ip> addresses) => addresses.Any(node.Addresses.Contains);

    private static Source SourceOn(LocalNode node, ConnectionEnd source) =>
        source.IsSelectable ? Source.Pod
        : source.Pod is not null || IsOf(node, source.Addresses) ? Source.Node
        : Source.External;

    private static LocalNode Local(Node node) =>
        new(
            node.Metadata.Name ?? "",
            node.Metadata.Labels?.GetValueOrDefault(ZoneLabel),
            [
                .. (node.Status?.Addresses ?? []).SelectMany(own =>
                    Ip.TryParse(own.Address, out var address) ? (Ip[])[address] : []
                ),
            ]
        );

    private static ObjectKey Key(string name) => new(name.Split('/')[0], name.Split('/')[1]);
}

/// <summary>Where a connection to a Service goes at one node.</summary>
/// <param name="Node">The node whose maps or sockets choose.</param>
/// <param name="Source">Where the client is for it.</param>
/// <param name="Client">The client's address.</param>
/// <param name="Asked">What it asks for.</param>
/// <param name="Verdict">What it gets.</param>
internal sealed record ServiceRoute(
    LocalNode Node,
    Source Source,
    Ip Client,
    TransportAddress Asked,
    ServiceVerdict Verdict
)
{
    /// <summary>Who the endpoint takes the client for: the node, where replies would not come back through it otherwise.</summary>
    public ConnectionEnd Seen(ConnectionEnd client, Backend backend) =>
        Source == Source.External
        && !backend.IsLocal
        && Node.Addresses.FirstOrDefault(own => own.IsV4 == Client.IsV4) is var own
        && own != default
            ? new ConnectionEnd(Node.Name, [own])
            : client with
            {
                Addresses = [Client],
            };
}
