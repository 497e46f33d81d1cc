using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Services;

/// <summary>
/// Random Services and slices from few names, addresses, ports and zones, so that they meet often: shared external IPs,
/// endpoints in several slices, hints that are not complete, all conditions, both families.
/// </summary>
internal sealed class RandomServices(int seed)
{
    private static readonly string[] Names = ["a", "b", "c", "d"];
    private static readonly string[] Nodes = ["here", "there", "far"];
    private static readonly string[] Zones = ["a", "b"];
    private static readonly string[] Protocols = ["TCP", "UDP"];
    private static readonly string[] External = ["198.51.100.1", "198.51.100.2", "2001:db8::1"];

    private readonly Random random = new(seed);

    public string Name() => Pick(Names);

    public Service Service(string name)
    {
        var index = Array.IndexOf(Names, name) + 1;
        string[] clusterIPs = random.Next(4) switch
        {
            0 => [$"10.96.0.{index}"],
            1 => [$"fd00:96::{index}"],
            _ => [$"10.96.0.{index}", $"fd00:96::{index}"],
        };
        var type = Pick(
            "ClusterIP",
            "ClusterIP",
            "NodePort",
            "NodePort",
            "LoadBalancer",
            "LoadBalancer",
            "ExternalName"
        );
        var nodePorts = type is "NodePort" or "LoadBalancer";
        return new Service
        {
            Metadata = new ObjectMeta
            {
                Namespace = "test",
                Name = name,
                CreationTimestamp = DateTimeOffset.UnixEpoch.AddDays(random.Next(3)),
                Labels = Chance(8)
                    ? new Dictionary<string, string> { ["service.kubernetes.io/service-proxy-name"] = "x" }
                    : null,
            },
            Spec = new ServiceSpec
            {
                Type = type,
                ClusterIP = Chance(12) ? "None" : clusterIPs[0],
                ClusterIPs = clusterIPs,
                ExternalIPs = Chance(2) ? [Pick(External)] : null,
                ExternalTrafficPolicy = Pick("Cluster", "Local"),
                InternalTrafficPolicy = Pick("Cluster", "Cluster", "Local"),
                LoadBalancerSourceRanges = Chance(2)
                    ? [Pick("203.0.113.0/24", "192.168.0.0/24", "0.0.0.0/0", "2001:db8:5::/48", "10.0.0.0/8")]
                    : null,
                HealthCheckNodePort = 32000 + index,
                Ports =
                [
                    new ServicePort
                    {
                        Name = "one",
                        Port = 80,
                        Protocol = Pick(Protocols),
                        NodePort = nodePorts ? 30000 + index : null,
                    },
                    new ServicePort
                    {
                        Name = "two",
                        Port = 81,
                        Protocol = Pick(Protocols),
                        NodePort = nodePorts ? 30100 + index : null,
                    },
                ],
            },
            Status = new ServiceStatus
            {
                LoadBalancer = new LoadBalancerStatus
                {
                    Ingress = [new LoadBalancerIngress { Ip = Pick(External), IpMode = Pick("VIP", "VIP", "Proxy") }],
                },
            },
        };
    }

    public EndpointSlice Slice(string name)
    {
        var isV4 = Chance(2);
        var hints = random.Next(3);
        return new EndpointSlice
        {
            Metadata = new ObjectMeta
            {
                Namespace = "test",
                Name = name,
                Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = Name() },
            },
            AddressType = isV4 ? "IPv4" : "IPv6",
            Ports =
            [
                new EndpointPort
                {
                    Name = "one",
                    Port = Chance(2) ? 8080 : 9090,
                    Protocol = Pick(Protocols),
                },
                new EndpointPort
                {
                    Name = "two",
                    Port = 8081,
                    Protocol = Pick(Protocols),
                },
            ],
            Endpoints =
            [
                .. Enumerable
                    .Range(0, random.Next(5))
                    .Select(_ => random.Next(1, 7))
                    .Distinct()
                    .Select(host => new Endpoint
                    {
                        Addresses = [isV4 ? $"10.0.0.{host}" : $"fd00::{host}"],
                        NodeName = Chance(10) ? null : Pick(Nodes),
                        Conditions = Conditions(),
                        Hints =
                            hints == 0 || Chance(8)
                                ? null
                                : new EndpointHints
                                {
                                    ForZones = hints > 0 ? [new ForName { Name = Pick(Zones) }] : null,
                                    ForNodes = hints > 1 ? [new ForName { Name = Pick(Nodes) }] : null,
                                },
                    }),
            ],
        };
    }

    public bool Chance(int one) => random.Next(one) == 0;

    private EndpointConditions Conditions()
    {
        var (ready, serving, terminating) = random.Next(6) switch
        {
            0 => (false, false, false),
            1 => (false, true, true),
            2 => (false, false, true),
            3 => (true, true, true),
            _ => (true, true, false),
        };
        return new EndpointConditions
        {
            Ready = ready,
            Serving = serving,
            Terminating = terminating,
        };
    }

    private string Pick(params string[] of) => of[random.Next(of.Length)];
}
