using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services;
using Weft.Services.Changes;
using Weft.Services.Frontends;

namespace Weft.Tests.Unit.Services;

/// <summary>An engine on the node "here" in zone "a", and short words for what it is told and asked.</summary>
internal sealed class ServiceWorld
{
    public const string ClusterIP = "10.96.0.10";
    public const string NodeAddress = "192.168.0.1";
    public const string LoadBalancerIP = "198.51.100.1";
    public const string ExternalIP = "198.51.100.2";
    public const string Pod = "10.0.1.9";
    public const string Outside = "203.0.113.5";

    public static readonly LocalNode Here = new("here", "a", [Ip.Parse(NodeAddress), Ip.Parse("fd00:168::1")])
    {
        ServiceRanges = [Prefix.Parse("10.96.0.0/16"), Prefix.Parse("fd00:96::/112")],
    };

    /// <summary>One endpoint here, one elsewhere, both ready.</summary>
    public static readonly Endpoint[] OneHereOneThere = [Here1, There1];

    public static Endpoint Here1 => Endpoint("10.0.1.1", "here");

    public static Endpoint There1 => Endpoint("10.0.2.1", "there");

    public ServiceEngine Engine { get; } = new(Here, new(1000), new(1000));

    public static Endpoint Endpoint(
        string address,
        string node,
        bool ready = true,
        bool? serving = null,
        bool terminating = false,
        string[]? zones = null,
        string[]? nodes = null
    ) =>
        new()
        {
            Addresses = [address],
            NodeName = node,
            Conditions = new EndpointConditions
            {
                Ready = ready,
                Serving = serving ?? ready,
                Terminating = terminating,
            },
            Hints =
                zones is null && nodes is null
                    ? null
                    : new EndpointHints
                    {
                        ForZones = zones?.Select(zone => new ForName { Name = zone }).ToList(),
                        ForNodes = nodes?.Select(node => new ForName { Name = node }).ToList(),
                    },
        };

    /// <summary>Does not take new work, but does what it has: what graceful termination looks like.</summary>
    public static Endpoint Terminating(string address, string node, bool serving = true) =>
        Endpoint(address, node, ready: false, serving, terminating: true);

    public static ServiceSpec Spec(string type = "ClusterIP", string clusterIP = ClusterIP) =>
        new()
        {
            Type = type,
            ClusterIP = clusterIP,
            ClusterIPs = [clusterIP],
            Ports = [Port("http", 80, type is "NodePort" or "LoadBalancer" ? 30080 : null)],
        };

    /// <summary>Reachable in every way there is.</summary>
    public static ServiceSpec Everywhere(string external = "Cluster", string @internal = "Cluster") =>
        Spec("LoadBalancer") with
        {
            ExternalIPs = [ExternalIP],
            ExternalTrafficPolicy = external,
            InternalTrafficPolicy = @internal,
            HealthCheckNodePort = external == "Local" ? 32000 : null,
        };

    public static ServicePort Port(string name, int number, int? nodePort = null, string protocol = "TCP") =>
        new()
        {
            Name = name,
            Port = number,
            NodePort = nodePort,
            Protocol = protocol,
        };

    public static Service Service(
        ServiceSpec spec,
        string name = "web",
        Dictionary<string, string>? labels = null,
        int age = 0,
        string ipMode = "VIP"
    ) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = "test",
                Name = name,
                Labels = labels,
                CreationTimestamp = DateTimeOffset.UnixEpoch.AddDays(1000 - age),
            },
            Spec = spec,
            Status =
                spec.Type == "LoadBalancer"
                    ? new ServiceStatus
                    {
                        LoadBalancer = new LoadBalancerStatus
                        {
                            Ingress = [new LoadBalancerIngress { Ip = LoadBalancerIP, IpMode = ipMode }],
                        },
                    }
                    : null,
        };

    public static EndpointSlice Slice(
        IReadOnlyList<Endpoint> endpoints,
        string service = "web",
        string name = "1",
        int port = 8080,
        string portName = "http",
        string protocol = "TCP",
        string family = "IPv4"
    ) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = "test",
                Name = $"{service}-{name}",
                Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service },
            },
            AddressType = family,
            Endpoints = endpoints,
            Ports =
            [
                new EndpointPort
                {
                    Name = portName,
                    Port = port,
                    Protocol = protocol,
                },
            ],
        };

    /// <summary>A world with one Service and one slice.</summary>
    public static ServiceWorld Of(ServiceSpec spec, params Endpoint[] endpoints)
    {
        var world = new ServiceWorld();
        world.Set(Service(spec), Slice(endpoints));
        return world;
    }

    public ServiceUpdate Set(Service service, params EndpointSlice[] slices)
    {
        Engine.Set(service);
        return Set(slices);
    }

    public ServiceUpdate Set(params EndpointSlice[] slices)
    {
        foreach (var slice in slices)
        {
            Engine.Set(slice);
        }

        return Engine.Update();
    }

    /// <summary>Addresses of the backends, then "masq" where it is so; or REJECT, DROP, or "none" of a Service.</summary>
    public string Flow(string source, string destination, string? client = null)
    {
        var (from, address) = source switch
        {
            "pod" => (Source.Pod, Pod),
            "node" => (Source.Node, NodeAddress),
            _ => (Source.External, Outside),
        };
        var verdict = Engine.Judge(from, Ip.Parse(client ?? address), Parse(destination));
        return verdict switch
        {
            null => "none",
            { Action: ServiceAction.Forward } =>
                $"{string.Join(' ', verdict.Backends.Select(backend => backend.Key.Address))}{(verdict.Masquerade ? " masq" : "")}",
            _ => $"{verdict.Action}".ToUpperInvariant(),
        };
    }

    public string[] Problems() => [.. Engine.Problems.Select(problem => problem.Reason).Order()];

    /// <summary>"address:port" or "address:port/UDP"; an IPv6 address in brackets.</summary>
    public static TransportAddress Parse(string text)
    {
        var parts = text.Split('/');
        var colon = parts[0].LastIndexOf(':');
        return new TransportAddress(
            Ip.Parse(parts[0][..colon].Trim('[', ']')),
            ushort.Parse(parts[0][(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture),
            parts.Length == 1 ? Transport.Tcp : Transports.Parse(parts[1])!.Value
        );
    }
}
