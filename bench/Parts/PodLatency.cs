using System.Text.Json.Nodes;
using Weft.Bench.Plugins;
using Weft.Bench.Results;
using Weft.Lab;
using Weft.Netlink;

namespace Weft.Bench.Parts;

/// <summary>
/// ADD and DEL by Weft and by ptp with host-local, in turns, each on a fresh namespace. Namespaces are removed when
/// all is measured: the kernel tears them down in the background, holding the lock every plugin needs.
/// ptp does it for both families, as Weft does, and for IPv4 alone: with IPv6 it looks whether its address is ready and,
/// if the kernel has not come to it yet, sleeps for 50 ms, so its time depends on what else the machine does.
/// </summary>
internal static class PodLatency
{
    private const int WarmUp = 3;
    private const string Reference = "ptp + host-local";
    private const string V4 = "10.250.0.0/24";
    private const string V6 = "fd00:250::/64";
    private const string V4Alone = "10.249.0.0/24";

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
        var weft = new Contender("weft", CniPlugin.Weft(Programs.Plugin), call => lab.InNode(1).Run(call));
        var ptp = new Contender("ptp", CniPlugin.PointToPoint(data, V4, V6), call => scratch.Run(call));
        var ptpV4 = new Contender("ptp4", CniPlugin.PointToPoint(data + "4", V4Alone), call => scratch.Run(call));
        Contender[] contenders = [weft, ptp, ptpV4];
        var agent = lab.Agent(1);
        var agentBefore = TimeSpan.Zero;
        for (var i = -WarmUp; i < settings.Iterations; i++)
        {
            cancel.ThrowIfCancellationRequested();
            if (i == 0)
            {
                Array.ForEach(contenders, contender => contender.Forget());
                agentBefore = agent.Cpu;
            }

            // Who goes first changes, so that nobody always follows the same one.
            for (var turn = 0; turn < contenders.Length; turn++)
            {
                var contender = contenders[(i + WarmUp + turn) % contenders.Length];
                contender.Turn(MakeSandbox(lab, contender.Name, i));
            }
        }

        Compare(ptp, "", Reference);
        Compare(ptpV4, "/v4", $"{Reference} with IPv4 alone");
        results.Add(
            "agent CPU for an ADD and its DEL",
            (agent.Cpu - agentBefore).TotalMilliseconds / settings.Iterations,
            "ms"
        );

        void Compare(Contender reference, string suffix, string against)
        {
            results.Add(Comparison.OfPairs(Names.Add + suffix, against, "ms", reference.Adds, weft.Adds));
            results.Add(Comparison.OfPairs(Names.Del + suffix, against, "ms", reference.Dels, weft.Dels));
            results.Add(Comparison.OfPairs($"ADD{suffix} CPU", against, "ms", reference.AddCpu, weft.AddCpu));
            results.Add(Comparison.OfPairs($"DEL{suffix} CPU", against, "ms", reference.DelCpu, weft.DelCpu));
        }
    }

    private static PluginPod MakeSandbox(BenchLab lab, string owner, int number)
    {
        var pod = lab.MakeSandbox($"{owner}-{number + WarmUp}");
        using var inside = NetworkNamespace.Open(pod.Netns);
        inside.Run(WithoutDuplicateDetection);
        return pod;
    }

    /// <summary>
    /// ptp waits for IPv6's duplicate address detection, a second or two. Weft knows its addresses to be unique and
    /// does without; to measure the work and not that wait, the reference does without as well.
    /// </summary>
    private static void WithoutDuplicateDetection() => Sysctl.Write("net/ipv6/conf/default/accept_dad", "0");

    private sealed class Contender(string name, CniPlugin plugin, Func<Func<PluginExit>, PluginExit> inside)
    {
        public string Name => name;

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
