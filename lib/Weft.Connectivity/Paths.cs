using System.Net;
using System.Net.Sockets;

namespace Weft.Connectivity;

/// <summary>Every path there is to try in a cluster.</summary>
internal static class Paths
{
    private const int DnsPort = 53;
    private static readonly AddressFamily[] families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    /// <summary>Those that lead somewhere.</summary>
    public static IReadOnlyList<PlannedPath> Of(Topology cluster, ConnectivityOptions options) =>
        [.. families.SelectMany(family => Of(cluster, options, family))];

    /// <summary>Those that this cluster does not have, with the reason.</summary>
    public static IReadOnlyList<PathResult> Missing(Topology cluster, ConnectivityOptions options) =>
        [
            .. cluster.There is null
                ? [Skipped(Scenario.Pods, "to another node", "the cluster has one node that is ready")]
                : Array.Empty<PathResult>(),
            .. cluster.Dns.Count == 0
                ? [Skipped(Scenario.Dns, "pod to DNS", "there is no Service kube-dns in kube-system")]
                : Array.Empty<PathResult>(),
            .. options.World is null
                ? [Skipped(Scenario.World, "pod to world", "no server outside was named")]
                : Array.Empty<PathResult>(),
        ];

    private static IEnumerable<PlannedPath> Of(Topology cluster, ConnectivityOptions options, AddressFamily family)
    {
        foreach (var client in (string[])[Pods.Client, Pods.NodeClient])
        {
            var (from, scenario) = client == Pods.Client ? ("pod", Scenario.Pods) : ("node", Scenario.Hosts);
            foreach (var kind in (string[])["tcp", "udp"])
            {
                foreach (var (server, where) in new[] { (Pods.Here, "same node"), (Pods.There, "other node") })
                {
                    foreach (var pod in cluster.Of(server, family))
                    {
                        yield return new(
                            scenario,
                            $"{from} to pod, {where}",
                            client,
                            kind,
                            new(pod, Pods.Port),
                            server
                        );
                    }
                }

                foreach (var service in cluster.ClusterIPs.Where(ip => ip.AddressFamily == family))
                {
                    yield return new(
                        Scenario.Services,
                        $"{from} to ClusterIP",
                        client,
                        kind,
                        new(service, Pods.ServicePort)
                    );
                }
            }

            foreach (var (node, where) in new[] { (cluster.Here, "own node"), (cluster.There, "other node") })
            {
                foreach (var address in (node?.Addresses ?? []).Where(address => address.AddressFamily == family))
                {
                    yield return new(
                        Scenario.Services,
                        $"{from} to node port of {where}",
                        client,
                        "tcp",
                        new(address, cluster.NodePort)
                    );
                    if (client == Pods.Client)
                    {
                        yield return new(
                            Scenario.Hosts,
                            $"pod to {where}",
                            client,
                            "tcp",
                            new(address, options.HostPort)
                        );
                    }
                }
            }
        }

        foreach (var guarded in cluster.Of(Pods.Guarded, family))
        {
            var to = new IPEndPoint(guarded, Pods.Port);
            yield return Policy("allowed pod", Pods.Client, to, denied: false);
            yield return Policy("denied pod, same node", Pods.Stranger, to, denied: true);
            if (cluster.There is not null)
            {
                yield return Policy("denied pod, other node", Pods.StrangerThere, to, denied: true);
            }
        }

        foreach (var dns in cluster.Dns.Where(ip => ip.AddressFamily == family))
        {
            yield return new(Scenario.Dns, "pod to DNS", Pods.Client, "dns", new(dns, DnsPort));
        }

        if (options.World is { } world && world.AddressFamily == family)
        {
            yield return new(Scenario.World, "pod to world", Pods.Client, "tcp", world);
        }
    }

    private static PlannedPath Policy(string name, string client, IPEndPoint to, bool denied) =>
        new(Scenario.Policies, $"policy: {name}", client, "tcp", to, Pods.Guarded, denied);

    private static PathResult Skipped(Scenario scenario, string name, string why) =>
        new(scenario, name, "", "", "", "", PathOutcome.Skipped, why);
}
