namespace Weft.Bench.Results;

/// <summary>What Weft promises of one number, and how it came out.</summary>
/// <param name="Measured">Null when this run did not measure it.</param>
internal sealed record Requirement(string Name, string Need, double? Measured, bool? Met)
{
    public string Verdict =>
        Met switch
        {
            true => "ok",
            false => "SHORT",
            null => "not measured",
        };
}

/// <summary>The promises.</summary>
internal static class Requirements
{
    public static IReadOnlyList<Requirement> Judge(
        IReadOnlyList<Comparison> comparisons,
        IReadOnlyList<Quantity> quantities
    )
    {
        return
        [
            AtMost("ADD by ptp + host-local (aim 0.25)", Ratio(Names.Add), 0.5),
            AtMost("ADD by ptp + host-local with IPv4 alone", Ratio(Names.AddV4), 0.5),
            AtMost("DEL by ptp + host-local", Ratio(Names.Del), 0.5),
            AtMost(
                "same-node TCP_RR by a bare veth pair, IPv4",
                Ratio(Names.Traffic("same-node", "TCP_RR", "v4")),
                1.10
            ),
            AtMost(
                "same-node TCP_RR by a bare veth pair, IPv6",
                Ratio(Names.Traffic("same-node", "TCP_RR", "v6")),
                1.10
            ),
            AtLeast(
                "same-node stream by a bare veth pair",
                Ratio(Names.Traffic("same-node", "TCP_STREAM", "v4")),
                0.95
            ),
            AtMost("native TCP_RR by the bare underlay", Ratio(Names.Traffic("native", "TCP_RR", "v4")), 1.25),
            AtMost("vxlan TCP_RR by a plain kernel VXLAN", Ratio(Names.Traffic("vxlan", "TCP_RR", "v4")), 1.05),
            AtMost("failures among 250 pods", Amount(Names.Failures), 0),
            AtMost("leaks after 250 pods", Amount(Names.Leaks), 0),
            AtMost("agent RSS with 250 pods, MB", Amount(Names.FullRss), 80),
            AtMost(
                "TCP_RR under 1,000 rules by the same without policies",
                Ratio(Names.Traffic(Names.Policy, "TCP_RR", "v4")),
                1.03
            ),
            AtMost(
                "TCP_CRR under 1,000 rules by the same without policies",
                Ratio(Names.Traffic(Names.Policy, "TCP_CRR", "v4")),
                1.10
            ),
            AtMost("apply of a policy to enforced on every node, p99, ms", Amount(Names.PolicyDelay), 100),
            AtMost("compile of 1,000 policies and 10,000 identities, s", Amount(Names.Compile), 2),
            AtMost("memory for that, MB", Amount(Names.CompileMemory), 200),
            AtMost("a new identity in all sets of a full node, p99, ms", Amount(Names.NewIdentity), 5),
            AtMost("sets and entries made for pods of known identities", Amount(Names.KnownPodWork), 0),
            AtMost("policy maps of 250 pods by those of 10 with the same rules", Amount(Names.SharedMaps), 1),
            AtMost("ClusterIP TCP_RR by the pod's address", Ratio(Service("TCP_RR")), 1.02),
            AtLeast("ClusterIP stream by the pod's address", Ratio(Service("TCP_STREAM")), 0.98),
            AtMost("ClusterIP TCP_CRR by the pod's address", Ratio(Service("TCP_CRR")), 1.08),
            AtMost("TCP_RR among 10,000 Services by that to one", Growth("TCP_RR"), 1.05),
            AtMost("TCP_CRR among 10,000 Services by that to one", Growth("TCP_CRR"), 1.05),
            AtMost("10,000 Services into empty maps, s", Amount(Names.ServicesInto), 3),
            AtMost("an endpoint's event to the map, p99, ms", Amount(Names.EndpointDelay), 10),
            AtMost("XDP by tc, a packet to another node, vxlan", Ratio(Names.Xdp("vxlan")), 0.67),
            AtMost("XDP by tc, a packet to another node, native", Ratio(Names.Xdp("native")), 0.67),
            AtMost("XDP by a frame it passes on, vxlan", Ratio(Names.XdpNothing("vxlan")), 4.375),
            AtMost("XDP by a frame it passes on, native", Ratio(Names.XdpNothing("native")), 4.375),
            AtMost("operator RSS in a large cluster, MB", Amount(Names.OperatorRss), 400),
            AtMost("operator CPU in a large cluster, cores", Amount(Names.OperatorCores), 0.5),
            AtMost("the slowest change of a pod to its identity, ms", Amount(Names.SlowestIdentity), 1000),
            AtMost("agent RSS in a large cluster, MB", Amount(Names.ClusterAgentRss), 120),
            AtMost("agent CPU in a large cluster, cores", Amount(Names.ClusterAgentCores), 0.1),
            AtMost("entries of the peers map that differ after a burst", Amount(Names.PeerDifferences), 0),
            AtMost("ADD to known by identity on another node, p99, ms", Amount(Names.Reachable), 250),
        ];

        static string Service(string kind) => Names.Traffic(Names.Service, kind, "v4");
        double? Growth(string kind) => Ratio(Names.Traffic(Names.AmongServices, kind, "v4")) / Ratio(Service(kind));
        double? Ratio(string name) => comparisons.FirstOrDefault(c => c.Name == name)?.Ratio;
        double? Amount(string name) => quantities.FirstOrDefault(q => q.Name == name)?.Amount;
    }

    private static Requirement AtMost(string name, double? measured, double bound) =>
        new(name, FormattableString.Invariant($"<= {bound}"), measured, measured is null ? null : measured <= bound);

    private static Requirement AtLeast(string name, double? measured, double bound) =>
        new(name, FormattableString.Invariant($">= {bound}"), measured, measured is null ? null : measured >= bound);
}

/// <summary>The names that results are found by, within a run and between runs.</summary>
internal static class Names
{
    public const string Add = "ADD";
    public const string AddV4 = "ADD/v4";
    public const string Del = "DEL";
    public const string Failures = "failed calls";
    public const string Leaks = "leaks";
    public const string Policy = "1,000 rules";
    public const string PolicyRss = "agent RSS with 10,000 policies";
    public const string PolicyDelay = "apply of a policy to enforced on every node, p99";
    public const string Compile = "compile of 1,000 policies and 10,000 identities";
    public const string CompileMemory = "compile's memory";
    public const string NewIdentity = "new identity in all sets, p99";
    public const string KnownPodWork = "sets and entries made for pods of known identities";
    public const string SharedMaps = "policy maps of 250 pods by those of 10";
    public const string Service = "ClusterIP";
    public const string AmongServices = "ClusterIP among 10,000 Services";
    public const string NftablesService = "nftables";
    public const string NftablesAmongServices = "nftables, 1,000 Services";
    public const string ServicesInto = "10,000 Services into empty maps";
    public const string EndpointDelay = "an endpoint's event to the map, p99";
    public const string OperatorRss = "operator RSS";
    public const string OperatorCores = "operator CPU";
    public const string SlowestIdentity = "pod to its identity, slowest";
    public const string ClusterAgentRss = "agent RSS in a large cluster";
    public const string ClusterAgentCores = "agent CPU in a large cluster";
    public const string PeerDifferences = "entries of the peers map that differ after bursts";
    public const string Reachable = "ADD to known by identity elsewhere, p99";
    public const string FullRss = "agent RSS, full node";

    public static string Xdp(string mode) => $"{mode}, a packet forwarded by XDP";

    public static string XdpNothing(string mode) => $"{mode}, a packet forwarded by XDP as work";

    public static string Traffic(string path, string kind, string family) => $"{path} {kind} {family}";
}
