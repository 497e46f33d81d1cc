using System.Diagnostics;
using Weft.Contracts;
using Weft.Netlink;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.Cni;

/// <summary>An ADD that is cut off leaves nothing, at whatever moment.</summary>
[Collection(typeof(MachineWide))]
public sealed class KilledAddTests(NodeUnderTest node) : IClassFixture<NodeUnderTest>
{
    private const int Times = 40;
    private static readonly TimeSpan LongestAdd = TimeSpan.FromMilliseconds(40);

    [Fact]
    public void An_ADD_whose_plugin_is_killed_leaves_nothing()
    {
        var before = node.Contents();
        var random = new Random(87);
        var pods = Enumerable.Range(0, Times).Select(_ => new Container(node)).ToList();
        var reported = 0;
        try
        {
            foreach (var pod in pods)
            {
                using var plugin = Start(pod);
                Thread.Sleep(random.NextDouble() * LongestAdd);
                plugin.Kill();
                plugin.WaitForExit();
                if (plugin.StandardOutput.ReadToEnd().Length > 0)
                {
                    // The runtime knows of this pod, and deletes it.
                    reported++;
                    pod.Del().SucceededSilently();
                }
            }

            // The agent may still be at work for a plugin that is gone.
            Thread.Sleep(TimeSpan.FromSeconds(2));
            var left = pods.Where(pod => pod.TryInside("ip", "link", "show", "eth0").ExitCode != 1).ToList();

            // Killed between reading the answer and printing it: the agent cannot know. The runtime has seen ADD fail, and
            // calls DEL after that too, as the spec has it.
            left.ForEach(pod => pod.Del().SucceededSilently());
            Assert.InRange(left.Count, 0, Times / 10);
            Assert.Equal(before with { Namespaces = "" }, node.Contents() with { Namespaces = "" });
            Assert.InRange(reported, 0, Times - 1);
        }
        finally
        {
            pods.ForEach(pod => pod.Dispose());
        }
    }

    /// <summary>The moment that killing at random hardly meets: the agent is done, the plugin has not read its answer.</summary>
    [Fact]
    public void An_ADD_whose_answer_nobody_reads_leaves_nothing()
    {
        var before = node.Contents();
        using var pod = new Container(node);
        using var netns = NetworkNamespace.Open(pod.NetnsPath);
        using (var channel = node.Connect())
        {
            var request = new AgentRequest(AgentVerb.Add, "weft", pod.Id, pod.NetnsPath);
            channel.Send(request, ContractsJson.Default.AgentRequest, netns.Handle);
            NodeUnderTest.Eventually("the pod is there", () => node.State().Endpoints.Count == 1);
            Thread.Sleep(TimeSpan.FromMilliseconds(200)); // For the answer to come.
        }

        NodeUnderTest.Eventually("the pod is gone", () => node.State().Endpoints.Count == 0);
        pod.DestroyNamespace();
        Assert.Equal(before, node.Contents());
    }

    [Fact]
    public void An_ADD_whose_agent_is_killed_leaves_nothing_once_it_is_back()
    {
        var before = node.Contents();
        var random = new Random(88);
        for (var i = 0; i < Times / 4; i++)
        {
            using var pod = new Container(node);
            using var plugin = Start(pod);
            Thread.Sleep(random.NextDouble() * LongestAdd);
            node.KillAgent();
            plugin.WaitForExit();
            node.StartAgent();
            // The runtime's duty after an ADD that failed, and after one that did not.
            pod.Del().SucceededSilently();
            Assert.Empty(node.State().Endpoints);
            Assert.Equal(1, pod.TryInside("ip", "link", "show", "eth0").ExitCode);
        }

        Assert.Equal(before, node.Contents());
    }

    private Process Start(Container pod)
    {
        var start = new ProcessStartInfo("nsenter", node.InNode(PluginBinary.Location))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in pod.Variables("ADD"))
        {
            start.Environment[name] = value;
        }

        var plugin = Process.Start(start)!;
        plugin.StandardInput.Write(Container.Configuration());
        plugin.StandardInput.Close();
        return plugin;
    }
}
