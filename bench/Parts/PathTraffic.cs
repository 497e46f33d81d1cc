using Weft.Bench.Baselines;
using Weft.Bench.Results;
using Weft.Bench.Traffic;
using Weft.Lab;
using Weft.Netlink;

namespace Weft.Bench.Parts;

/// <summary>Traffic between two pods beside the same traffic without Weft, in turns.</summary>
internal sealed class PathTraffic(Settings settings, ResultList results, CancellationToken cancel)
{
    public void SameNode()
    {
        using var lab = BenchLab.Start(1, RoutingMode.Vxlan, cancel);
        var pods = Pods(lab, 1, 1);
        using var veth = new BareVeth(Links.MtuOf(pods.Client.Netns, "eth0"));
        Compare(lab, "same-node", "a bare veth pair", veth.Path, pods);
    }

    public void Native()
    {
        using var lab = BenchLab.Start(2, RoutingMode.Native, cancel);
        var underlay = new TrafficPath(Machine(lab, 1), Machine(lab, 2));
        Compare(lab, "native", "the bare underlay", underlay, Pods(lab, 1, 2));
    }

    public void Vxlan()
    {
        using var lab = BenchLab.Start(2, RoutingMode.Vxlan, cancel);
        using var plain = new PlainVxlan();
        var pods = Pods(lab, 1, 2);
        Compare(lab, "vxlan", "a plain kernel VXLAN", plain.Path, pods);
        if (settings.Kinds.Contains(TrafficKind.TcpRoundTrips.Option))
        {
            // For information: how much of the difference is due to the pods, which the devices have none of behind them.
            Compare(
                TrafficKind.TcpRoundTrips,
                v4: true,
                "vxlan, pods behind both,",
                "a plain kernel VXLAN",
                plain.BetweenPods,
                pods
            );
        }
    }

    private void Compare(BenchLab lab, string name, string against, TrafficPath baseline, TrafficPath weft)
    {
        foreach (var kind in TrafficKind.All.Where(kind => settings.Kinds.Contains(kind.Option)))
        {
            Compare(kind, v4: true, name, against, baseline, weft);
            if (settings.BothFamilies || (name == "same-node" && kind == TrafficKind.TcpRoundTrips))
            {
                Compare(kind, v4: false, name, against, baseline, weft);
            }
        }

        List<NetworkNamespace> nodes = [.. lab.Lab.NodeNumbers().Select(n => NetworkNamespace.Open(lab.Node(n).Netns))];
        results.Programs.AddRange(
            ProgramStatistics.Measure(
                $"{name} TCP_RR v4",
                nodes,
                () => Run(TrafficKind.TcpRoundTrips, weft, v4: true).Transactions
            )
        );
        nodes.ForEach(node => node.Dispose());
    }

    private void Compare(
        TrafficKind kind,
        bool v4,
        string name,
        string against,
        TrafficPath baseline,
        TrafficPath weft
    ) => results.Add(Turns.Compare(settings, kind, v4, name, against, baseline, weft, cancel));

    private Round Run(TrafficKind kind, TrafficPath path, bool v4) =>
        TrafficRound.Run(kind, path, v4, settings.Cores, settings.RoundTime);

    private static TrafficPath Pods(BenchLab lab, int clientNode, int serverNode)
    {
        return new TrafficPath(Pod("client", clientNode), Pod("server", serverNode));

        TrafficEnd Pod(string name, int node)
        {
            var (netns, v4, v6) = lab.RunPod(name, node);
            return new TrafficEnd(netns, v4, v6);
        }
    }

    private static TrafficEnd Machine(BenchLab lab, int node)
    {
        var addresses = AddressPlan.OfNode(node).Select(prefix => prefix.Address).ToList();
        return new TrafficEnd(NetworkNamespace.Open(lab.Node(node).Netns), addresses[0], addresses[1]);
    }
}
