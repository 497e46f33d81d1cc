using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Weft.Bench.Results;
using Weft.Bpf;
using Weft.Netlink;

namespace Weft.Bench;

/// <summary>The kernel's own account of time in BPF programs: on for the whole machine while it is wanted, then off.</summary>
internal static partial class ProgramStatistics
{
    private const int RunTime = 0; // BPF_STATS_RUN_TIME

    /// <param name="nodes">Network namespaces whose devices' programs count.</param>
    /// <param name="transactions">Makes traffic, and says how much.</param>
    public static IReadOnlyList<ProgramCost> Measure(
        string path,
        IReadOnlyList<NetworkNamespace> nodes,
        Func<int> transactions
    )
    {
        // Pods' programs are clsact filters on every kernel, the devices' by tcx where it is there.
        var mechanisms = new[] { TcMechanism.Clsact, TcHook.Probe() }.Distinct().ToList();
        var descriptor = bpf_enable_stats(RunTime);
        if (descriptor < 0)
        {
            throw new BenchException($"BPF statistics cannot be switched on: errno {-descriptor}");
        }

        using var on = new SafeFileHandle(descriptor, ownsHandle: true);
        var before = nodes.SelectMany(Attached).ToDictionary(p => p.Id);
        var count = transactions();
        return
        [
            .. nodes
                .SelectMany(Attached)
                .Where(p => before.ContainsKey(p.Id))
                .Select(p =>
                    (p.Name, Runs: p.RunCount - before[p.Id].RunCount, Ns: p.RunTimeNs - before[p.Id].RunTimeNs)
                )
                .GroupBy(p => p.Name)
                .Select(g => (Name: g.Key, Runs: g.Sum(p => (double)p.Runs), Ns: g.Sum(p => (double)p.Ns)))
                .Where(p => p.Runs >= count)
                .Select(p => new ProgramCost(path, p.Name, p.Runs / count, p.Ns / p.Runs)),
        ];

        IEnumerable<ProgramInfo> Attached(NetworkNamespace node) =>
            node.Run(() =>
            {
                using var routes = RouteSocket.Open();
                return routes
                    .Links()
                    .SelectMany(link =>
                        from mechanism in mechanisms
                        from direction in new[] { TcDirection.Ingress, TcDirection.Egress }
                        select TcHook.Attached(mechanism, link.Index.Value, direction)
                    )
                    .OfType<ProgramInfo>()
                    .DistinctBy(p => p.Id)
                    .ToList();
            });
    }

    [LibraryImport("libbpf")]
    private static partial int bpf_enable_stats(int type);
}
