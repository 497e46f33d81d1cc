using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Weft.Bench;
using Weft.Bench.ControlPlane;
using Weft.Bench.Parts;
using Weft.Bench.Results;
using Weft.Lab;

var only = new Option<string?>("--only")
{
    Description =
        $"Parts ({string.Join(", ", Settings.PartNames)}) and kinds of traffic ({string.Join(", ", Settings.KindNames)}).",
    HelpName = "NAME,...",
};
var all = new Option<bool>("--all") { Description = "All traffic over IPv6 too, not TCP_RR on one node alone." };
var iterations = new Option<int>("--iterations")
{
    Description = "Pods each plugin makes, 1 to 200.",
    DefaultValueFactory = _ => 60,
};
var rounds = new Option<int>("--rounds")
{
    Description = "Turns of each comparison of traffic.",
    DefaultValueFactory = _ => 7,
};
var seconds = new Option<double>("--seconds")
{
    Description = "How long each side of a turn takes.",
    DefaultValueFactory = _ => 0.5,
};
var cores = new Option<string?>("--cores")
{
    Description = "Cores of client and server of traffic, as in 1,1; the last core for both unless given.",
    HelpName = "CLIENT,SERVER",
};
var cluster = new Option<string?>("--cluster")
{
    Description = $"What operator and agent are measured in; {ClusterSize.Default} unless given.",
    HelpName = "NODES,PODS,IDENTITIES",
};
var churn = new Option<string?>("--churn")
{
    Description = "Changes of pods a minute there, and for how long; 10000,120 unless given.",
    HelpName = "CHANGES,SECONDS",
};
var compare = new Option<string?>("--compare")
{
    Description = "An earlier run, to show the change of each ratio.",
    HelpName = "FILE",
};
var root = new RootCommand("Measures Weft against the reference plugins and the bare kernel. Needs root.")
{
    only,
    all,
    iterations,
    rounds,
    seconds,
    cores,
    cluster,
    churn,
    compare,
};
root.SetAction(Run);
return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

int Run(ParseResult parsed)
{
    using var interrupted = new CancellationTokenSource();
    using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
    using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
    try
    {
        var earlier = parsed.GetValue(compare) is { } path ? Report.Load(path) : null;
        var (parts, kinds) = Settings.Choose(parsed.GetValue(only));
        var settings = new Settings(
            parts,
            kinds,
            parsed.GetValue(all),
            Math.Clamp(parsed.GetValue(iterations), 1, 200),
            Math.Max(parsed.GetValue(rounds), 1),
            TimeSpan.FromSeconds(Math.Max(parsed.GetValue(seconds), 0.1)),
            parsed.GetValue(cores) is { } named ? Cores.Parse(named) : Cores.Default,
            parsed.GetValue(cluster) is { } size ? ClusterSize.Parse(size) : ClusterSize.Default,
            parsed.GetValue(churn) is { } rate ? ChurnRate.Parse(rate) : ChurnRate.Default
        );
        var report = Measure(settings, interrupted.Token);
        Console.Write(ReportText.Render(report, earlier));
        Console.WriteLine($"\nSaved as {report.Save(Path.Combine(AppContext.BaseDirectory, "bench"))}");
        return 0;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("weft-bench: interrupted; nothing was left behind");
        return 1;
    }
    catch (Exception e) when (e is BenchException or LabException)
    {
        Console.Error.WriteLine($"weft-bench: {e.Message}");
        return 1;
    }
    // With nobody to catch it, the process would end before the lab is taken down.
    catch (Exception e)
    {
        Console.Error.WriteLine($"weft-bench: {e}");
        return 1;
    }

    void Cancel(PosixSignalContext signal)
    {
        signal.Cancel = true;
        interrupted.Cancel();
    }
}

static Report Measure(Settings settings, CancellationToken cancel)
{
    if (!Environment.IsPrivilegedProcess)
    {
        throw new BenchException("namespaces and BPF need root: run it with sudo");
    }

    var taken = DateTime.UtcNow;
    var machine = Machine.Here(settings.Cores);
    var results = new ResultList();
    var traffic = new PathTraffic(settings, results, cancel);
    Part("add", () => PodLatency.Measure(settings, results, cancel));
    Part("density", () => Density.Measure(results, cancel));
    Part("same-node", traffic.SameNode);
    Part("native", traffic.Native);
    Part("vxlan", traffic.Vxlan);
    Part(
        "policy",
        () =>
        {
            PolicyCost.Measure(settings, results, cancel);
            PolicyDelay.Measure(results, cancel);
        }
    );
    Part("policy-compile", () => PolicyCompile.Measure(results, cancel));
    Part("services", () => ServiceCost.Measure(settings, results, cancel));
    Part("services-sync", () => ServiceSync.Measure(results, cancel));
    Part("xdp", () => XdpCost.Measure(results, cancel));
    Part("control-plane", () => LargeCluster.Measure(settings, results, cancel));
    return new Report(
        taken,
        machine,
        results.Comparisons,
        results.Quantities,
        results.Programs,
        Requirements.Judge(results.Comparisons, results.Quantities)
    );

    void Part(string name, Action measure)
    {
        if (settings.Parts.Contains(name))
        {
            var minute = (DateTime.UtcNow - taken).ToString(@"m\:ss", CultureInfo.InvariantCulture);
            Console.Error.WriteLine($"{minute} {name}");
            measure();
        }
    }
}
