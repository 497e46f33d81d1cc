using System.Diagnostics;
using System.Text;
using Weft.Bench.Services;
using Weft.Bench.Traffic;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Bench.Baselines;

/// <summary>
/// Two pods behind a machine that routes between them and has Services as nftables rules of the shape that kube-proxy
/// writes (KEP-3866): one lookup in a map of verdicts by address, protocol and port, a chain for each Service that picks
/// an endpoint at random, a chain for each endpoint that translates.
/// </summary>
internal sealed class NftablesProxy : IDisposable
{
    private const string Table = "weft-bench-proxy";
    private static readonly Ip Service = Ip.Parse("10.97.255.254");
    private readonly NetworkNamespace machine = NetworkNamespace.Create();
    private readonly NetworkNamespace client = NetworkNamespace.Create();
    private readonly NetworkNamespace server = NetworkNamespace.Create();

    /// <param name="mtu">Of the pods it stands beside.</param>
    public NftablesProxy(int mtu)
    {
        machine.Run(() => Sysctl.Write("net/ipv4/ip_forward", "1"));
        Direct = new TrafficPath(Pod(client, 1, mtu), Pod(server, 2, mtu));
        Path = Direct with { Service = Service };
    }

    /// <summary>By the pod's own address.</summary>
    public TrafficPath Direct { get; }

    /// <summary>By the Service's.</summary>
    public TrafficPath Path { get; }

    /// <summary>Loads the rules of the Service that is asked for, and of so many others.</summary>
    /// <returns>How long that took.</returns>
    public TimeSpan Load(int others)
    {
        var began = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo("nft", "-f -") { RedirectStandardInput = true, RedirectStandardError = true };
        using var nft =
            machine.Run(() => Process.Start(start))
            ?? throw new BenchException("nft did not start: apt-get install nftables");
        nft.StandardInput.Write(Rules(others));
        nft.StandardInput.Close();
        var problem = nft.StandardError.ReadToEnd();
        nft.WaitForExit();
        return nft.ExitCode == 0
            ? Stopwatch.GetElapsedTime(began)
            : throw new BenchException($"nft refuses the rules: {problem.Split('\n')[0]}");
    }

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
        machine.Dispose();
    }

    private TrafficEnd Pod(NetworkNamespace inside, int number, int mtu)
    {
        var port = $"pod{number}";
        using (var routes = RouteSocket.Open(machine))
        {
            routes.Execute(
                new RouteBatch().AddVeth(
                    new VethSpec
                    {
                        Name = port,
                        Mtu = mtu,
                        PeerName = "eth0",
                        PeerMtu = mtu,
                        PeerNamespace = inside,
                    }
                )
            );
        }

        var (own, gateway) = (Ip.Parse($"10.253.{number}.2"), Ip.Parse($"10.253.{number}.1"));
        Links.Configure(machine, port, new Prefix(gateway, 24));
        Links.Configure(inside, "eth0", new Prefix(own, 24));
        using var routesInside = RouteSocket.Open(inside);
        routesInside.Execute(
            new RouteBatch().AddRoute(new Route { Destination = new Prefix(Ip.AnyV4, 0), Gateway = gateway })
        );
        return new TrafficEnd(inside, own, Ip.AnyV6);
    }

    private string Rules(int others)
    {
        var services =
            new List<(string Name, Ip Address, string Protocol, int Port, List<(Ip Address, int Port)> Endpoints)>();
        for (var port = TrafficRound.FirstPort; port < TrafficRound.FirstPort + TrafficRound.Ports; port++)
        {
            services.Add(($"t{port}", Service, "tcp", port, [(Direct.Server.V4, port)]));
            services.Add(($"u{port}", Service, "udp", port, [(Direct.Server.V4, port)]));
        }

        for (var number = 0; number < others; number++)
        {
            services.Add(
                (
                    ServiceCluster.NameOf(number),
                    Ip.Parse($"10.97.{number >> 8}.{number & 255}"),
                    "tcp",
                    80,
                    [
                        .. Enumerable
                            .Range(number * ServiceCluster.EndpointsOfEach, ServiceCluster.EndpointsOfEach)
                            .Select(endpoint => (ServiceCluster.Address(endpoint, 0), 8080)),
                    ]
                )
            );
        }

        var rules = new StringBuilder();
        rules.Append($"table ip {Table} {{}}\ndelete table ip {Table}\ntable ip {Table} {{\n");
        rules.Append("chain mark-for-masquerade { meta mark set meta mark or 0x4000; }\n");
        foreach (var service in services)
        {
            for (var i = 0; i < service.Endpoints.Count; i++)
            {
                var (address, port) = service.Endpoints[i];
                rules.Append(
                    $"chain endpoint-{service.Name}-{i} {{ ip saddr {address} jump mark-for-masquerade; meta l4proto {service.Protocol} dnat to {address}:{port}; }}\n"
                );
            }

            var picks = service.Endpoints.Select((_, i) => $"{i} : goto endpoint-{service.Name}-{i}");
            rules.Append(
                $"chain service-{service.Name} {{ ip daddr {service.Address} {service.Protocol} dport {service.Port} ip saddr != 10.253.0.0/16 jump mark-for-masquerade; numgen random mod {service.Endpoints.Count} vmap {{ {string.Join(", ", picks)} }}; }}\n"
            );
        }

        var elements = services.Select(service =>
            $"{service.Address} . {service.Protocol} . {service.Port} : goto service-{service.Name}"
        );
        rules.Append(
            $$"""
            map service-ips {
                type ipv4_addr . inet_proto . inet_service : verdict
                elements = { {{string.Join(",\n", elements)}} }
            }
            chain services { ip daddr . meta l4proto . th dport vmap @service-ips; }
            chain prerouting { type nat hook prerouting priority dstnat; jump services; }
            chain output { type nat hook output priority -100; jump services; }
            chain postrouting { type nat hook postrouting priority srcnat; meta mark and 0x4000 == 0x4000 masquerade; }
            }

            """
        );
        return rules.ToString();
    }
}
