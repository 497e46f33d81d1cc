using System.Diagnostics;
using System.Text.Json;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Lab.Probes;
using Weft.Policy;
using Weft.Tests.EndToEnd.Datapath;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>What people are told of policies: denials, explanations and Events, and that packets fare as told.</summary>
[Collection(typeof(MachineWide))]
public sealed class ReportTests(ReportTests.Fixture fixture) : IClassFixture<ReportTests.Fixture>
{
    private const string FromY = "ingress: [{from: [{namespaceSelector: {matchLabels: {ns: 'y'}}}]}]";
    private const string Selected = "podSelector: {matchExpressions: [{key: pod, operator: In, values: [a, late]}]}";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly PolicyLab lab = fixture.Lab;

    [Theory]
    [InlineData("pod", "a")]
    [InlineData("namespace", "x")]
    public async Task What_is_audited_is_told_as_denied_and_let_through(string kind, string name)
    {
        lab.Reset();
        lab.Kubectl("annotate", kind, name, "-n", "x", $"{AuditAnnotation.Key}=true");
        try
        {
            await BecomesAsync((_, _) => true);
            lab.Apply(Policy("closed", "podSelector: {}"));
            var watch = Stopwatch.StartNew();
            while (!IsTold("y/b", "x/a", audited: true))
            {
                Assert.True(watch.Elapsed < Patience, "what the policy would deny is not told");
                await BecomesAsync((_, to) => kind == "namespace" || to.Namespace != "x" || to.Name == "a");
            }

            Assert.Equal(kind == "pod", IsTold("y/b", "x/b", audited: false));
        }
        finally
        {
            lab.Kubectl("annotate", kind, name, "-n", "x", $"{AuditAnnotation.Key}-");
        }

        await BecomesAsync((_, to) => to.Namespace != "x");
    }

    [Fact]
    public async Task Explain_says_so_when_the_maps_differ_from_the_objects()
    {
        lab.Reset();
        lab.Apply(Policy("web", $"{Selected}, {FromY}"));
        await BecomesAsync((from, to) => !to.Is("x/a") || from.Namespace == "y");
        Assert.Contains("allowed by x/web ingress[0]", Explain(differs: false), StringComparison.Ordinal);

        var node = lab["x/a"].Node.Number;
        using var pinned = PinnedMap.Open<PolicyKey, PolicyValue>(
            $"/proc/{lab.Lab.AgentOf(node)}/root/sys/fs/bpf/weft/policy"
        );
        var entries = pinned.Map.ToDictionary();
        Assert.NotEmpty(entries);
        foreach (var key in entries.Keys)
        {
            pinned.Map.Remove(key);
        }

        Assert.Contains(
            $"DIFFERS: the maps of node{node} say of ingress: denied",
            Explain(differs: true),
            StringComparison.Ordinal
        );
        // The maps are what packets meet.
        await BecomesAsync((_, to) => !to.Is("x/a"));
        foreach (var (key, value) in entries)
        {
            pinned.Map.Update(key, value);
        }

        Explain(differs: false);
        await BecomesAsync((from, to) => !to.Is("x/a") || from.Namespace == "y");
    }

    [Fact]
    public void A_policy_that_has_another_effect_than_it_seems_gets_Events()
    {
        lab.Reset();
        lab.Apply(
            Policy(
                "seems",
                "podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: no-such-name}]}], egress: [{}]"
            )
        );
        Traffic.Eventually(
            "both of its mistakes are told",
            Patience,
            () =>
                EventsOf("seems", "PolicyIneffective") is var told
                && told.Any(note => note.StartsWith("spec.ingress[0].ports[0]", StringComparison.Ordinal))
                && told.Any(note => note.StartsWith("spec.egress", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task When_the_map_is_full_what_is_in_force_stays_new_pods_are_closed_and_an_Event_names_the_limit()
    {
        lab.Reset();
        lab.Apply(Policy("web", $"{Selected}, {FromY}"));
        await BecomesAsync((from, to) => !to.Is("x/a") || from.Namespace == "y");
        using var watcher = new Watcher();
        foreach (var family in (int[])[0, 1])
        {
            watcher.Watch(lab["y/b"], Flows.Stream(lab["y/b"], lab["x/a"], family));
            watcher.Watch(lab["y/a"], Flows.NewExchanges(lab["y/a"], lab["x/a"], family));
            watcher.Watch(lab["z/a"], Flows.Denied(lab["z/a"], lab["x/a"], family));
        }

        lab.Apply(Policy("wide", $"{Selected}, {Wide()}"));
        Traffic.Eventually(
            "an Event tells of the limit",
            Patience,
            () =>
                EventsOf("wide", "NotInForce")
                    .Any(note => note.Contains("the map policy has no room", StringComparison.Ordinal))
        );
        var late = new PodRef("x", "late");
        try
        {
            using var pod = lab.Run(late, lab["x/a"].Node.Number);
            PolicyPod[] pods = [pod, lab["x/a"], lab["y/b"], lab["z/a"]];
            await Reachability.BecomesAsync(
                pods,
                Tcp80((from, to) => from != late && to != late && (!to.Is("x/a") || from.Namespace == "y"))
            );
            Assert.Contains(
                "the map policy has no room",
                lab.Lab.Weft("status", "-o", "json").Succeeded(),
                StringComparison.Ordinal
            );
            watcher.Stop();
            Assert.Empty(watcher.Wrong);

            lab.Kubectl("delete", "networkpolicy", "wide", "-n", "x");
            await Reachability.BecomesAsync(pods, Tcp80((from, to) => to.Namespace != "x" || from.Namespace == "y"));
        }
        finally
        {
            lab.Kubectl("delete", "pod", late.Name, "-n", late.Namespace, "--ignore-not-found");
        }
    }

    /// <summary>More entries than the map has: each of the prefixes with each of the ports.</summary>
    private static string Wide()
    {
        const int Prefixes = 1024;
        const int Ports = 300;
        var blocks = Enumerable.Range(0, Prefixes).Select(i => $"{{ipBlock: {{cidr: 203.{i >> 8}.{i & 255}.0/24}}}}");
        // Even numbers: none makes a prefix with its neighbour.
        var ports = Enumerable.Range(1, Ports).Select(i => $"{{port: {2 * i}}}");
        return $"ingress: [{{from: [{string.Join(", ", blocks)}], ports: [{string.Join(", ", ports)}]}}]";
    }

    private static string Policy(string name, string spec) =>
        $$"""
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: {{name}}, namespace: x}
            spec: { {{spec}} }
            """;

    private Task BecomesAsync(Func<PodRef, PodRef, bool> allowed) =>
        Reachability.BecomesAsync(lab.Pods, Tcp80(allowed));

    private static Expectation Tcp80(Func<PodRef, PodRef, bool> allowed) => new(PathProtocol.Tcp, 80, allowed);

    private string Explain(bool differs)
    {
        var outcome = WeftCommand.Run("explain", "--dir", lab.Lab.Directory, "y/b", "x/a", "80");
        Assert.True(outcome.ExitCode == (differs ? 3 : 0), $"{outcome.ExitCode}\n{outcome.Output}\n{outcome.Error}");
        return outcome.Output;
    }

    /// <summary>Whether `weft denials` has what these sent each other among what was denied, or would have been.</summary>
    private bool IsTold(string from, string to, bool audited) =>
        WeftCommand
            .Run("denials", "--dir", lab.Lab.Directory)
            .Succeeded()
            .Split('\n')
            .Where(line => line.Contains("ingress (audit)", StringComparison.Ordinal) == audited)
            .Any(line => line.Contains(from, StringComparison.Ordinal) && line.Contains(to, StringComparison.Ordinal));

    /// <summary>Notes of the Events about a policy of namespace x.</summary>
    private IReadOnlyList<string> EventsOf(string policy, string reason)
    {
        using var list = JsonDocument.Parse(lab.Kubectl("get", "events.v1.events.k8s.io", "-n", "x", "-o", "json"));
        return
        [
            .. list
                .RootElement.GetProperty("items")
                .EnumerateArray()
                .Where(found => found.GetProperty("reason").GetString() == reason)
                .Where(found => found.GetProperty("type").GetString() == "Warning")
                .Where(found => found.GetProperty("regarding").GetProperty("name").GetString() == policy)
                .Select(found => found.GetProperty("note").GetString()!),
        ];
    }

    public sealed class Fixture : IDisposable
    {
        internal PolicyLab Lab { get; } = new VxlanPolicyLab();

        public void Dispose() => Lab.Dispose();
    }
}
