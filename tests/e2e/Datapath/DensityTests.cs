using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>As many pods as a node is allowed in the largest clusters, made and removed by a busy runtime.</summary>
[Collection(typeof(InSharedLabs))]
public sealed class DensityTests(ITestOutputHelper output)
{
    private const int Pods = 250;
    private const int CoolDownSeconds = 1;
    private const long MostAgentMemory = 80 << 20;

    [Fact]
    public void Two_hundred_and_fifty_pods_come_and_go_without_a_trace()
    {
        using var lab = TwoNodes.Up("vxlan");
        // Twice as many pods in a row as there are addresses: they must be given again soon.
        SetCoolDown(lab);
        // These two take addresses that the many need, and must not be counted.
        lab.DeletePods();
        Rest();
        var before = Traces(lab);
        using var many = new ManyPods(lab);
        for (var round = 1; round <= 2; round++)
        {
            var (adds, notAtOnce) = many.Add(Pods);
            Report($"round {round}: ADD", adds);
            Assert.Equal(0, notAtOnce);
            Assert.Equal(Pods, lab.State(1).Endpoints.Count);
            Assert.Equal(2 * Pods, lab.State(1).Maps.Single(map => map.Name == "endpoints").Entries);
            AssertAgentIsSmall(lab);

            Report($"round {round}: DEL", many.Delete());
            Assert.Equal(before, Traces(lab));
            Rest();
        }

        // Notes about addresses that have rested go with the next one.
        many.Add(1);
        many.Delete();
        Assert.Equal(2, Directory.GetFiles(Path.Combine(lab.Directory, "nodes", "node1", "run", "resting")).Length);
        AssertAgentIsSmall(lab);
    }

    /// <summary>A runtime need not call DEL when the namespace is gone already.</summary>
    [Fact]
    public void Pods_whose_namespaces_vanish_leave_nothing()
    {
        using var lab = TwoNodes.Up("vxlan");
        var before = Traces(lab);
        using var many = new ManyPods(lab);
        many.Add(20);
        many.Dispose();
        Traffic.Eventually("nothing is left of the pods", TimeSpan.FromSeconds(10), () => Traces(lab) == before);
    }

    /// <summary>What pods could leave behind on their node.</summary>
    private static (string Links, string Endpoints, long Entries, int Files, string Namespaces) Traces(TwoNodes lab)
    {
        using var routes = RouteSocket.Open(lab.Nodes[0].Network);
        var state = lab.State(1);
        return (
            string.Join(' ', routes.Links().Select(link => link.Name).Order(StringComparer.Ordinal)),
            string.Join(' ', state.Endpoints.Select(endpoint => endpoint.HostInterface).Order(StringComparer.Ordinal)),
            state.Maps.Single(map => map.Name == "endpoints").Entries,
            Directory.GetFiles(Path.Combine(lab.Directory, "nodes", "node1", "run", "endpoints")).Length,
            string.Join(' ', Directory.GetFiles(Path.Combine(lab.Directory, "netns")).Order(StringComparer.Ordinal))
        );
    }

    private static void SetCoolDown(TwoNodes lab)
    {
        var file = Path.Combine(lab.Directory, "nodes", "node1", "agent.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        config["addressCoolDownSeconds"] = CoolDownSeconds;
        File.WriteAllText(file, config.ToJsonString());
        lab.KillAgent(1);
        lab.StartAgent(1);
    }

    private static void Rest() => Thread.Sleep(TimeSpan.FromSeconds(CoolDownSeconds + 0.5));

    private void Report(string what, IReadOnlyList<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalMilliseconds).Order().ToList();
        output.WriteLine(
            $"{what} of {sorted.Count} pods, 8 at once: median {sorted[sorted.Count / 2]:F1} ms, "
                + $"99th percentile {sorted[sorted.Count * 99 / 100]:F1} ms, longest {sorted[^1]:F1} ms"
        );
    }

    private void AssertAgentIsSmall(TwoNodes lab)
    {
        var memory = Resident(AgentOf(lab.Nodes[0].Network));
        output.WriteLine($"the agent has {memory >> 10} kB of memory");
        Assert.InRange(memory, 1, MostAgentMemory);
    }

    private static int AgentOf(NetworkNamespace node) =>
        Process
            .GetProcessesByName("weft-agent")
            .Select(process => process.Id)
            .Single(id => new FileInfo($"/proc/{id}/ns/net").LinkTarget == $"net:[{node.Inode}]");

    private static long Resident(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status")
            .Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kilobytes = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
        return long.Parse(kilobytes, CultureInfo.InvariantCulture) << 10;
    }
}
