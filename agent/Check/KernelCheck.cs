using System.Globalization;
using Weft.Agent.Services;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Netlink;

namespace Weft.Agent.Check;

/// <summary>`weft-agent check`: what this kernel has and lacks for Weft, and whether it will do.</summary>
internal static class KernelCheck
{
    private static readonly Version Oldest = new(6, 1);

    /// <summary>Prints the table, loads every program for a try, and returns the exit code.</summary>
    public static int Run(TextWriter output)
    {
        var findings = Probe().ToList();
        var width = findings.Max(finding => finding.Name.Length);
        foreach (var finding in findings)
        {
            var mark =
                finding.Present ? "ok     "
                : finding.Needed ? "MISSING"
                : "absent ";
            var line = $"{mark}  {finding.Name.PadRight(width)}  {(finding.Present ? finding.Use : finding.Without)}";
            output.WriteLine(line.TrimEnd());
        }

        var loaded = Load(output);
        var usable = loaded && findings.TrueForAll(finding => finding.Present || !finding.Needed);
        output.WriteLine(usable ? "Weft can run here." : "Weft cannot run here.");
        return usable ? 0 : 1;
    }

    private static IEnumerable<Finding> Probe()
    {
        var kernel = KernelRelease();
        yield return new Finding(
            $"kernel {kernel}",
            kernel >= Oldest,
            true,
            "",
            $"Weft needs Linux {Oldest.ToString(2)} or later: upgrade the kernel"
        );
        yield return new Finding(
            "BTF of the kernel",
            File.Exists("/sys/kernel/btf/vmlinux"),
            true,
            "typed maps",
            "needs CONFIG_DEBUG_INFO_BTF=y"
        );
        yield return new Finding(
            "tc programs",
            KernelSupport.Has(BpfProgramType.SchedCls),
            true,
            "the datapath",
            "needs CONFIG_BPF_SYSCALL=y and CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON (or root)"
        );
        yield return new Finding(
            "tcx",
            TcHook.Probe() == TcMechanism.Tcx,
            false,
            "attaches programs, exchanges them atomically",
            "Linux 6.6 has it; clsact filters are used instead"
        );
        yield return new Finding(
            "control groups of version 2",
            CgroupRoot.Find() is not null,
            false,
            "backends of Services for sockets",
            "mount cgroup2 at or below /sys/fs/cgroup, name it in \"cgroupRoot\", or set \"kubeProxyReplacement\" to false"
        );
        yield return new Finding(
            "IPv6",
            KernelIPv6.IsThere,
            false,
            "pods with IPv6",
            "pods can have IPv4 only; boot without ipv6.disable=1"
        );
        foreach (var (map, use) in Maps)
        {
            yield return new Finding(
                $"map type {map}",
                KernelSupport.Has(map),
                true,
                use,
                "needs CONFIG_BPF_SYSCALL=y"
            );
        }

        foreach (var (helper, use) in Helpers)
        {
            yield return new Finding(
                $"helper {helper}",
                KernelSupport.Has(helper),
                true,
                use,
                "needs CONFIG_NET=y and CONFIG_INET=y of a kernel this new"
            );
        }

        foreach (var device in DeviceProbe.Run())
        {
            yield return device;
        }
    }

    private static readonly (BpfMapType, string)[] Maps =
    [
        (BpfMapType.Array, "configuration"),
        (BpfMapType.Hash, "endpoints"),
        (BpfMapType.LruHash, "flows"),
        (BpfMapType.LpmTrie, "peers"),
        (BpfMapType.PerCpuArray, "drop counters"),
    ];

    private static readonly (BpfHelper, string)[] Helpers =
    [
        (BpfHelper.SkbLoadBytes, "reading packets"),
        (BpfHelper.SkbStoreBytes, "changing packets"),
        (BpfHelper.Redirect, "to the host's stack and into the tunnel"),
        (BpfHelper.RedirectPeer, "into a pod past the host's stack"),
        (BpfHelper.RedirectNeigh, "out of the node past the host's stack"),
        (BpfHelper.FibLookup, "the host's routes"),
        (BpfHelper.SkbAdjustRoom, "putting packets into the tunnel and taking them out"),
        (BpfHelper.SkbChangeProto, "taking IPv6 packets out of the tunnel"),
        (BpfHelper.CsumLevel, "sums that the network card has verified"),
        (BpfHelper.GetHashRecalc, "one port of the tunnel for each flow"),
        (BpfHelper.SkbSetTunnelKey, "the tunnel's far end"),
        (BpfHelper.SkbGetTunnelKey, "who sent a tunnel packet"),
        (BpfHelper.CsumDiff, "masquerading"),
        (BpfHelper.L3CsumReplace, "masquerading"),
        (BpfHelper.L4CsumReplace, "masquerading"),
        (BpfHelper.GetPrandomU32, "ports to masquerade with"),
        (BpfHelper.KtimeGetNs, "the end of a flow's life"),
    ];

    /// <summary>Loads every program and attaches one, in a namespace of its own, the way the agent would.</summary>
    private static bool Load(TextWriter output)
    {
        try
        {
            using var datapath = LoadedDatapath.Load(pinDirectory: null);
            foreach (var program in datapath.Programs.All)
            {
                output.WriteLine($"ok       program {program.Name} loads");
            }

            var mechanism = TcHook.Probe();
            DeviceProbe.Attach(mechanism, datapath.Programs.FromPod);
            output.WriteLine($"ok       program {datapath.Programs.FromPod.Name} attaches by {mechanism}");
            return true;
        }
        catch (Exception e) when (e is BpfException or LayoutException or NetlinkException or NamespaceException)
        {
            output.WriteLine($"MISSING  the programs cannot be used: {e.Message}");
            return false;
        }
    }

    private static Version KernelRelease()
    {
        var numbers = File.ReadAllText("/proc/sys/kernel/osrelease").Split('.', '-', '+');
        return new Version(Number(numbers[0]), Number(numbers[1]));
    }

    private static int Number(string text) => int.Parse(text.Trim(), CultureInfo.InvariantCulture);
}

/// <summary>One line of the table.</summary>
/// <param name="Name">What was looked for.</param>
/// <param name="Present">Whether it is there.</param>
/// <param name="Needed">Whether Weft cannot do without.</param>
/// <param name="Use">What Weft does with it.</param>
/// <param name="Without">What Weft does, or somebody must do, without it.</param>
internal sealed record Finding(string Name, bool Present, bool Needed, string Use, string Without);
