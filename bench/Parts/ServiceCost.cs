using System.Diagnostics;
using Weft.Bench.Baselines;
using Weft.Bench.Results;
using Weft.Bench.Services;
using Weft.Bench.Traffic;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Lab;

namespace Weft.Bench.Parts;

/// <summary>
/// Traffic to a ClusterIP beside the same traffic to the pod behind it, in turns: with one Service, and with 10,000 of
/// ten endpoints each. The same of nftables rules, of 1,000 Services, stands beside it.
/// </summary>
internal static class ServiceCost
{
    // The kernel checks a whole set of rules in one go: ten thousand Services hold a core for minutes.
    private const int NftablesServices = 1000;
    private const string Against = "the pod's own address";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static void Measure(Settings settings, ResultList results, CancellationToken cancel)
    {
        int mtu;
        using (var lab = BenchLab.StartKubernetes(1, RoutingMode.Vxlan, cancel))
        {
            using var client = lab.Client();
            var direct = new TrafficPath(
                lab.RunClusterPod("pods", "client", 1),
                lab.RunClusterPod("pods", "server", 1)
            );
            mtu = Links.MtuOf(direct.Client.Netns, "eth0");
            var service = direct with { Service = ServiceCluster.CreateFor(client, direct.Server.V4, cancel) };
            using var map = PinnedMap.Open<ServiceKey, ServiceValue>(
                $"/proc/{lab.Agent(1).Pid}/root/sys/fs/bpf/weft/services"
            );
            // Both sides of each port, in both protocols, and of the rest of the address.
            Await(map, 2 * ((2 * TrafficRound.Ports) + 1), cancel);
            Compare(Names.Service, direct, service);
            ServiceCluster.CreateOthers(client, cancel);
            Await(map, 4 * ServiceCluster.Services, cancel);
            results.Add("agent RSS with 10,000 Services", lab.Agent(1).ResidentMegabytes, "MB");
            Compare(Names.AmongServices, direct, service);

            // Sockets are translated by the control group they are made in.
            void Compare(string name, TrafficPath pod, TrafficPath clusterIP) =>
                lab.Lab.Node(1).Cgroup.Run(() => ServiceCost.Compare(settings, results, name, pod, clusterIP, cancel));
        }

        using var nftables = new NftablesProxy(mtu);
        nftables.Load(others: 0);
        Compare(settings, results, Names.NftablesService, nftables.Direct, nftables.Path, cancel);
        results.Add("nft -f of 1,000 Services", nftables.Load(NftablesServices).TotalSeconds, "s");
        Compare(settings, results, Names.NftablesAmongServices, nftables.Direct, nftables.Path, cancel);
    }

    private static int Compare(
        Settings settings,
        ResultList results,
        string name,
        TrafficPath direct,
        TrafficPath service,
        CancellationToken cancel
    )
    {
        foreach (var kind in TrafficKind.All.Where(kind => settings.Kinds.Contains(kind.Option)))
        {
            results.Add(Turns.Compare(settings, kind, v4: true, name, Against, direct, service, cancel));
        }

        return results.Comparisons.Count;
    }

    private static void Await(PinnedMap<ServiceKey, ServiceValue> services, int entries, CancellationToken cancel)
    {
        var began = Stopwatch.GetTimestamp();
        while (services.Map.Count() < entries)
        {
            cancel.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new BenchException(
                    $"the map services has {services.Map.Count()} entries after two minutes and not {entries}; is the agent's log fine?"
                );
            }

            Thread.Sleep(Pause);
        }
    }
}
