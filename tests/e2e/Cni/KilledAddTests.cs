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

            NodeUnderTest.Eventually("every pod is gone", () => node.State().Endpoints.Count == 0);
            Assert.All(pods, pod => Assert.Equal(1, pod.TryInside("ip", "link", "show", "eth0").ExitCode));
            Assert.Equal(before with { Namespaces = "" }, node.Contents() with { Namespaces = "" });
            Assert.InRange(reported, 0, Times - 1);
        }
        finally
        {
            pods.ForEach(pod => pod.Dispose());
        }
    }

    /// <summary>Moments that killing at random hardly meets.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_ADD_whose_answer_nobody_acknowledges_leaves_nothing(bool read)
    {
        var before = node.Contents();
        using var pod = new Container(node);
        using (var channel = Ask(pod))
        {
            NodeUnderTest.Eventually("the pod is there", () => node.State().Endpoints.Count == 1);
            if (read)
            {
                Assert.NotNull(channel.Receive(out _));
            }
        }

        NodeUnderTest.Eventually("the pod is gone", () => node.State().Endpoints.Count == 0);
        pod.DestroyNamespace();
        Assert.Equal(before, node.Contents());
    }

    [Fact]
    public void An_ADD_that_is_acknowledged_stays()
    {
        using var pod = new Container(node);
        using (var channel = Ask(pod))
        {
            Assert.NotNull(channel.Receive(out _));
            channel.Acknowledge();
        }

        // A later request, served by a thread that may well be the same.
        Assert.Single(node.State().Endpoints);
        pod.Del().SucceededSilently();
    }

    /// <summary>The runtime has seen the first ADD fail, and has called again before the agent came to undo it.</summary>
    [Fact]
    public void An_ADD_is_not_undone_for_the_sake_of_an_earlier_one()
    {
        using var pod = new Container(node);
        using var again = new Container(node);
        using (var first = Ask(pod))
        {
            Assert.NotNull(first.Receive(out _));
            pod.Del().SucceededSilently();
            using var second = Ask(pod);
            Assert.NotNull(second.Receive(out _));
            second.Acknowledge();
        }

        // By the time another pod has come and gone, the first connection's end has been seen.
        again.Add();
        again.Del().SucceededSilently();
        Assert.Single(node.State().Endpoints);
        pod.Del().SucceededSilently();
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

    private AgentChannel Ask(Container pod)
    {
        var channel = node.Connect();
        using var netns = NetworkNamespace.Open(pod.NetnsPath);
        var request = new AgentRequest(AgentVerb.Add, "weft", pod.Id, pod.NetnsPath);
        channel.Send(request, ContractsJson.Default.AgentRequest, netns.Handle);
        return channel;
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
