using System.Text.Json.Nodes;
using Weft.Bench.Plugins;
using Weft.Bench.Results;
using Weft.Lab;
using Weft.Netlink;

namespace Weft.Bench.Parts;

/// <summary>
/// ADD and DEL by Weft and by ptp with host-local, in turns, each on a fresh namespace. Namespaces are removed when
/// all is measured: the kernel tears them down in the background, holding the lock every plugin needs.
/// </summary>
internal static class PodLatency
{
    private const int WarmUp = 3;
    private const string Reference = "ptp + host-local";

    public static void Measure(Settings settings, ResultList results, CancellationToken cancel)
    {
        if (!File.Exists($"{CniPlugin.ReferenceDirectory}/ptp"))
        {
            throw new BenchException(
                $"{CniPlugin.ReferenceDirectory}/ptp is missing: install containernetworking-plugins, or leave out \"add\""
            );
        }

        using var lab = BenchLab.Start(1, RoutingMode.Vxlan, cancel);
        using var scratch = NetworkNamespace.Create();
        scratch.Run(WithoutDuplicateDetection);
        var data = Path.Combine(lab.Lab.Root, "host-local");
        var weft = new Contender(CniPlugin.Weft(Programs.Plugin), call => lab.InNode(1).Run(call));
        var ptp = new Contender(CniPlugin.PointToPoint(data), call => scratch.Run(call));
        var agent = lab.Agent(1);
        var agentBefore = TimeSpan.Zero;
        for (var i = -WarmUp; i < settings.Iterations; i++)
        {
            cancel.ThrowIfCancellationRequested();
            if (i == 0)
            {
                weft.Forget();
                ptp.Forget();
                agentBefore = agent.Cpu;
            }

            // Who goes first changes, so that neither always follows the other.
            var (first, second) = i % 2 == 0 ? (weft, ptp) : (ptp, weft);
            first.Turn(MakeSandbox(lab, first == weft ? "weft" : "ptp", i));
            second.Turn(MakeSandbox(lab, second == weft ? "weft" : "ptp", i));
        }

        results.Add(Comparison.OfPairs(Names.Add, Reference, "ms", ptp.Adds, weft.Adds));
        results.Add(Comparison.OfPairs(Names.Del, Reference, "ms", ptp.Dels, weft.Dels));
        results.Add(Comparison.OfPairs("ADD, CPU of the plugin", Reference, "ms", ptp.AddCpu, weft.AddCpu));
        results.Add(Comparison.OfPairs("DEL, CPU of the plugin", Reference, "ms", ptp.DelCpu, weft.DelCpu));
        results.Add(
            "agent CPU for an ADD and its DEL",
            (agent.Cpu - agentBefore).TotalMilliseconds / settings.Iterations,
            "ms"
        );
    }

    private static PluginPod MakeSandbox(BenchLab lab, string owner, int number)
    {
        var pod = lab.MakeSandbox($"{owner}{(number < 0 ? $"w{-number}" : number)}");
        using var inside = NetworkNamespace.Open(pod.Netns);
        inside.Run(WithoutDuplicateDetection);
        return pod;
    }

    /// <summary>
    /// ptp waits for IPv6's duplicate address detection, a second or two. Weft knows its addresses to be unique and
    /// does without; to measure the work and not that wait, the reference does without as well.
    /// </summary>
    private static void WithoutDuplicateDetection() => Sysctl.Write("net/ipv6/conf/default/accept_dad", "0");

    private sealed class Contender(CniPlugin plugin, Func<Func<PluginExit>, PluginExit> inside)
    {
        public List<double> Adds { get; } = [];

        public List<double> Dels { get; } = [];

        public List<double> AddCpu { get; } = [];

        public List<double> DelCpu { get; } = [];

        public void Turn(PluginPod pod)
        {
            var add = Call("ADD", pod);
            var del = Call("DEL", pod with { Result = JsonNode.Parse(add.Output) });
            Adds.Add(add.Elapsed.TotalMilliseconds);
            AddCpu.Add(add.Cpu.TotalMilliseconds);
            Dels.Add(del.Elapsed.TotalMilliseconds);
            DelCpu.Add(del.Cpu.TotalMilliseconds);
        }

        public void Forget()
        {
            foreach (var list in new[] { Adds, Dels, AddCpu, DelCpu })
            {
                list.Clear();
            }
        }

        private PluginExit Call(string verb, PluginPod pod)
        {
            var exit = inside(() => plugin.Call(verb, pod));
            return exit.Status == 0
                ? exit
                : throw new BenchException($"{verb} of {pod.Name} failed: {exit.Output.Trim()}");
        }
    }
}
