using System.Text.Json;

namespace Weft.Tests.EndToEnd.Lab;

[CollectionDefinition(DisableParallelization = true)]
public sealed class MachineWide;

/// <summary>A lab comes, does its work and goes without a trace. Needs root and the programs in out/.</summary>
[Collection(typeof(MachineWide))]
public sealed class LabLifeTests
{
    [Fact]
    public void Up_run_exec_delete_down_leaves_nothing()
    {
        var before = Traces.Now();
        using var lab = LabUnderTest.Up(nodes: 2);
        var addresses = lab.RunPod("default/a", 1, "sleep", "1000");
        Assert.Equal(2, addresses.Length);
        Assert.StartsWith("10.244.1.", addresses[0], StringComparison.Ordinal);
        Assert.StartsWith("fd00:10:244:1:", addresses[1], StringComparison.Ordinal);
        lab.RunPod("default/b", 2);
        lab.RunPod("other/a", 2, "sleep", "1000");
        Assert.Contains(addresses[0], lab.Exec("default/a", "ip", "address").Succeeded(), StringComparison.Ordinal);
        Assert.Equal(7, lab.Exec("default/a", "sh", "-c", "exit 7").ExitCode);
        lab.Weft("delete", "default/a").Succeeded();
        Assert.Equal(1, lab.Exec("default/a", "true").ExitCode);

        var namespaces = lab.Namespaces();
        Assert.NotEmpty(Traces.Processes(namespaces));
        lab.Weft("down").Succeeded();
        Assert.Empty(Traces.Processes(namespaces));
        Assert.Equal(before, Traces.Now());
        lab.Weft("down").Succeeded();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(100)]
    [InlineData(200)]
    public void Down_removes_what_a_killed_up_had_made(int milliseconds)
    {
        var before = Traces.Now();
        using var lab = new LabUnderTest();
        using var up = WeftCommand.Start("lab", "up", "--nodes", "4", "--dir", lab.Directory);
        Thread.Sleep(milliseconds);
        up.Kill();
        up.WaitForExit();
        var namespaces = lab.Namespaces();
        lab.Weft("down").Succeeded();
        Assert.Empty(Traces.Processes(namespaces));
        Assert.Equal(before, Traces.Now());
    }

    [Fact]
    public void Down_finds_a_lab_whose_files_were_deleted()
    {
        var before = Traces.Now();
        using var lab = LabUnderTest.Up(nodes: 1);
        lab.RunPod("default/a", 1, "sleep", "1000");
        File.Delete($"{lab.Directory}/.weft-lab");
        Directory.Delete($"{lab.Directory}/pods", recursive: true);
        lab.Weft("down").Succeeded();
        Assert.Equal(before, Traces.Now());
    }

    [Fact]
    public void Down_touches_no_directory_that_is_no_lab()
    {
        using var lab = new LabUnderTest();
        Directory.CreateDirectory($"{lab.Directory}/nodes");
        try
        {
            lab.Weft("down").Succeeded();
            Assert.Equal(1, lab.Weft("up", "--nodes", "1").ExitCode);
            Assert.True(Directory.Exists($"{lab.Directory}/nodes"));
        }
        finally
        {
            Directory.Delete(lab.Directory, recursive: true);
        }
    }

    [Fact]
    public void Two_labs_live_side_by_side()
    {
        using var one = LabUnderTest.Up(nodes: 1);
        using var two = LabUnderTest.Up(nodes: 1);
        one.RunPod("default/a", 1);
        two.RunPod("default/a", 1);
        two.RunPod("default/b", 1);
        Assert.Equal(1, one.Weft("up", "--nodes", "1").ExitCode);
        one.Weft("down").Succeeded();
        two.Weft("matrix").Succeeded();
        two.Weft("status").Succeeded();
    }

    [Fact]
    public void A_pod_that_cannot_start_leaves_nothing()
    {
        using var lab = LabUnderTest.Up(nodes: 1);
        var namespaces = lab.Namespaces();
        var failed = lab.Weft("run", "default/a", "--node", "1", "--", "/no/such/program");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("/no/such/program", failed.Error, StringComparison.Ordinal);
        Assert.Equal(namespaces, lab.Namespaces());
        lab.RunPod("default/a", 1);
    }

    [Fact]
    public void A_node_sees_its_own_links_and_nothing_of_the_machines()
    {
        using var lab = LabUnderTest.Up(nodes: 1);
        var links = lab.ExecOnNode(1, "ls", "/sys/class/net").Succeeded().Split('\n');
        Assert.Contains("eth0", links);
        Assert.Equal("bpf_fs", lab.ExecOnNode(1, "stat", "-f", "-c", "%T", "/sys/fs/bpf").Succeeded());
        Assert.Equal("weft", lab.ExecOnNode(1, "ls", "/run").Succeeded());
    }

    [Fact]
    public void Status_tells_programs_what_it_tells_people()
    {
        using var lab = LabUnderTest.Up(nodes: 2);
        var addresses = lab.RunPod("default/a", 2);
        using var status = JsonDocument.Parse(lab.Weft("status", "-o", "json").Succeeded());
        var pod = Assert.Single(status.RootElement.GetProperty("pods").EnumerateArray());
        Assert.Equal("node2", pod.GetProperty("node").GetString());
        Assert.Equal(addresses, pod.GetProperty("addresses").EnumerateArray().Select(a => a.GetString()));
        Assert.Contains(addresses[0], lab.Weft("status").Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_agent_can_be_killed_and_started_again()
    {
        using var lab = LabUnderTest.Up(nodes: 2);
        lab.RunPod("default/a", 1);
        lab.RunPod("default/b", 2);
        Assert.Equal(2, lab.Weft("agent", "kill").ExitCode);
        lab.Weft("agent", "kill", "--node", "1").Succeeded();
        Assert.Equal(1, lab.Weft("status").ExitCode);
        lab.Weft("matrix").Succeeded();
        lab.Weft("agent", "start", "--node", "1").Succeeded();
        Assert.Equal(1, lab.Weft("agent", "start", "--node", "1").ExitCode);
        lab.Weft("status").Succeeded();
    }

    [Theory]
    [InlineData("lab")]
    [InlineData("lab", "up")]
    [InlineData("lab", "up", "--nodes", "0")]
    [InlineData("lab", "up", "--nodes", "many")]
    [InlineData("lab", "up", "--nodes", "1", "--routing", "none")]
    [InlineData("lab", "run", "default/a")]
    [InlineData("lab", "run", "Default/a", "--node", "1")]
    [InlineData("lab", "exec", "default/a")]
    [InlineData("lab", "exec", "--node", "x", "--", "true")]
    [InlineData("lab", "exec", "--node", "1", "--outside", "--", "true")]
    public void Wrong_usage_is_one_line_and_exit_code_2(params string[] arguments)
    {
        var outcome = WeftCommand.Run(arguments);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }
}
