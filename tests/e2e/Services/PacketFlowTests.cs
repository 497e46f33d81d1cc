using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Weft.Lab.Probes;
using Weft.Netlink;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>
/// kube-proxy's table of packet flows on real packets: who asks for what through node 1, and who answers. Every cell by
/// TCP and UDP, IPv4 and IPv6, and in both routing modes.
/// </summary>
[Collection(typeof(MachineWide))]
public sealed class PacketFlowTests
{
    private const string All = "web-1 web-2";
    private const string Here = "web-1";
    private const string There = "web-2";
    private const string Refused = "refused";
    private const string Dropped = "dropped";
    private const int AtOnce = 8;
    private static readonly string[] everybody = ["pod", "pod apart", "node", "outside"];
    private static readonly string[] inside = ["pod", "pod apart", "node"];
    private static readonly string[] outside = ["outside"];
    private static readonly string[] everyAddress = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalIP"];
    private static readonly string[] fromOutside = ["NodePort", "LoadBalancer", "ExternalIP"];

    /// <summary>Specs of the Services; their endpoints are one pod on each node unless they say otherwise.</summary>
    private static readonly Dictionary<string, string> services = new()
    {
        ["cluster"] = "",
        ["local"] = "\"externalTrafficPolicy\": \"Local\"",
        ["inside"] = "\"internalTrafficPolicy\": \"Local\"",
        ["there"] =
            "\"selector\": {\"pod\": \"web-2\"}, \"internalTrafficPolicy\": \"Local\", \"externalTrafficPolicy\": \"Local\"",
        ["none"] = "\"selector\": {\"app\": \"nobody\"}",
        ["admitting"] = "\"loadBalancerSourceRanges\": [\"192.0.2.0/24\", \"fd00:c0::/64\"]",
        ["barring"] = "\"loadBalancerSourceRanges\": [\"198.18.0.0/15\", \"2001:db8:1::/48\"]",
    };

    private static readonly Cell[] table =
    [
        .. Row("cluster", everybody, everyAddress, All),
        .. Row("local", inside, fromOutside, All),
        .. Row("local", outside, fromOutside, Here),
        .. Row("inside", everybody, ["ClusterIP"], Here),
        .. Row("inside", everybody, fromOutside, All),
        .. Row("there", everybody, ["ClusterIP"], Dropped),
        .. Row("there", inside, fromOutside, There),
        .. Row("there", outside, fromOutside, Dropped),
        .. Row("none", everybody, everyAddress, Refused),
        .. Row("admitting", outside, fromOutside, All),
        // The nodes' addresses are in the ranges, the pods' are not.
        .. Row("admitting", ["node"], ["LoadBalancer"], All),
        .. Row("admitting", ["pod", "pod apart"], ["LoadBalancer"], Dropped),
        .. Row("barring", everybody, ["LoadBalancer"], Dropped),
        .. Row("barring", everybody, ["NodePort"], All),
        .. Row("cluster", everybody, ["another port of the ClusterIP"], Refused),
        .. Row("cluster", ["pod", "pod apart"], ["an address of no Service"], Dropped),
    ];

    [Theory]
    [InlineData("vxlan")]
    [InlineData("native")]
    public void Every_cell_of_the_table_is_so(string routing)
    {
        using var lab = new ServiceLab(routing);
        var addresses = services.Keys.Index().ToDictionary(one => one.Item, one => Create(lab, one.Item, one.Index));
        // All nodes have them all once they have the last one.
        ServiceLab.ReachesAll(
            () => lab.FromPod("client-1", ProtocolType.Tcp, addresses["barring"].ClusterIPs[0]),
            Here,
            There
        );
        var wrong = new ConcurrentBag<string>();
        Parallel.ForEach(
            from cell in table
            from protocol in (ProtocolType[])[ProtocolType.Tcp, ProtocolType.Udp]
            from family in (int[])[0, 1]
            select (cell, protocol, family),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            one =>
            {
                var (to, port) = addresses[one.cell.Service].Of(one.cell.To, one.protocol, one.family);
                ProbeResult Ask() => AskFrom(lab, one.cell.From, one.protocol, to, port);
                if (Record.Exception(() => Check(Ask, one.cell.Expected)) is { } failure)
                {
                    wrong.Add($"{one.cell}, {one.protocol}, {to}: {failure.Message}");
                }
            }
        );
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order(StringComparer.Ordinal)));
    }

    private static void Check(Func<ProbeResult> ask, string expected)
    {
        switch (expected)
        {
            case Refused:
                ServiceLab.Eventually(
                    ask,
                    answer => answer.Problem?.Contains(Refused, StringComparison.Ordinal) == true
                );
                break;
            case Dropped:
                // A socket is told at once what a packet is not.
                ServiceLab.Eventually(
                    ask,
                    answer =>
                        answer.Problem == "no answer"
                        || answer.Problem?.StartsWith("No route to host", StringComparison.Ordinal) == true
                );
                break;
            default:
                var servers = expected.Split(' ');
                ServiceLab.Eventually(ask, answer => servers.Contains(answer.SeenAs));
                ServiceLab.ReachesAll(ask, servers);
                break;
        }
    }

    private static ProbeResult AskFrom(ServiceLab lab, string source, ProtocolType protocol, IPAddress to, int port) =>
        source switch
        {
            "pod" => lab.FromPod("client-1", protocol, to, port),
            "pod apart" => lab.FromPod("apart", protocol, to, port),
            "node" => lab.FromNode(1, protocol, to, port),
            _ => lab.FromOutside(protocol, to, port),
        };

    /// <summary>Makes a Service with every kind of address, to all of which node 1 is the outside's way.</summary>
    private static Addresses Create(ServiceLab lab, string name, int number)
    {
        string[] balanced = [$"203.0.113.{number + 1}", $"fd00:5e::{number + 1}"];
        string[] external = [$"203.0.113.{number + 101}", $"fd00:5e::{number + 101}"];
        var spec = services[name].Length == 0 ? "" : $", {services[name]}";
        var clusterIPs = lab.Service(
            name,
            "both",
            "LoadBalancer",
            $$"""{"externalIPs": ["{{external[0]}}", "{{external[1]}}"]{{spec}}}"""
        );
        lab.Kubectl(
            "patch",
            "service",
            name,
            "--subresource=status",
            "--type=merge",
            "-p",
            $$"""{"status": {"loadBalancer": {"ingress": [{"ip": "{{balanced[0]}}"}, {"ip": "{{balanced[1]}}"}]} } }"""
        );
        using var network = NetworkNamespace.Open($"{lab.Lab.Directory}/netns/outside");
        foreach (var address in clusterIPs.Select(ip => $"{ip}").Concat(balanced).Concat(external))
        {
            var via = ServiceLab.AddressesOf(1)[address.Contains(':', StringComparison.Ordinal) ? 1 : 0];
            network.Run(() => WeftCommand.Run("ip", ["route", "replace", address, "via", $"{via}"]).Succeeded());
        }

        return new Addresses(
            clusterIPs,
            [.. balanced.Select(IPAddress.Parse)],
            [.. external.Select(IPAddress.Parse)],
            lab.NodePortOf(name, ProtocolType.Tcp),
            lab.NodePortOf(name, ProtocolType.Udp)
        );
    }

    private static IEnumerable<Cell> Row(string service, string[] sources, string[] addresses, string expected) =>
        from source in sources
        from address in addresses
        select new Cell(service, source, address, expected);

    private sealed record Cell(string Service, string From, string To, string Expected);

    /// <summary>Of a Service, IPv4 first.</summary>
    private sealed record Addresses(
        IReadOnlyList<IPAddress> ClusterIPs,
        IReadOnlyList<IPAddress> Balanced,
        IReadOnlyList<IPAddress> External,
        int TcpPort,
        int UdpPort
    )
    {
        private const int Port = 80;

        public (IPAddress Address, int Port) Of(string kind, ProtocolType protocol, int family) =>
            kind switch
            {
                "ClusterIP" => (ClusterIPs[family], Port),
                "NodePort" => (ServiceLab.AddressesOf(1)[family], protocol == ProtocolType.Tcp ? TcpPort : UdpPort),
                "LoadBalancer" => (Balanced[family], Port),
                "ExternalIP" => (External[family], Port),
                "another port of the ClusterIP" => (ClusterIPs[family], Port + 1),
                _ => (Unused(ClusterIPs[family]), Port),
            };

        /// <summary>The last of the prefix that ClusterIPs are from, which is given last.</summary>
        private static IPAddress Unused(IPAddress clusterIP)
        {
            var bytes = clusterIP.GetAddressBytes();
            (bytes[^2], bytes[^1]) = (255, 253);
            return new IPAddress(bytes);
        }
    }
}
