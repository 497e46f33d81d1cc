using Weft.Contracts;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.Cni;

/// <summary>GC removes what is not listed, of its own network.</summary>
[Collection(typeof(MachineWide))]
public sealed class GarbageTests(NodeUnderTest node) : IClassFixture<NodeUnderTest>, IDisposable
{
    private const string Specified = "cni.dev/valid-attachments";
    private const string AlsoWritten = "cni.dev/attachments";

    private readonly NodeContents before = node.Contents();

    public void Dispose() => node.IsAsBefore(before);

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    public void An_empty_list_takes_every_pod(string list)
    {
        using var one = new Container(node).Added();
        using var other = new Container(node).Added();
        Collect((Specified, list)).SucceededSilently();
        Assert.Empty(node.State().Endpoints);
        Assert.Equal(1, one.TryInside("ip", "link", "show", "eth0").ExitCode);
        Assert.Equal(1, other.TryInside("ip", "link", "show", "eth0").ExitCode);
    }

    [Theory]
    [InlineData(Specified)]
    [InlineData(AlsoWritten)]
    public void What_is_listed_stays_and_goes_on(string key)
    {
        using var listed = new Container(node).Added();
        using var garbage = new Container(node).Added();
        Collect((key, List(listed))).SucceededSilently();
        Assert.Equal([listed.Id], node.State().Endpoints.Select(endpoint => endpoint.Id));
        Assert.True(listed.Works());
        listed.Check().SucceededSilently();
        garbage.Del().SucceededSilently();
        listed.Del().SucceededSilently();
    }

    [Fact]
    public void Entries_of_both_keys_stay()
    {
        using var one = new Container(node).Added();
        using var other = new Container(node).Added();
        Collect((Specified, List(one)), (AlsoWritten, List(other))).SucceededSilently();
        Assert.Equal(2, node.State().Endpoints.Count);
        one.Del().SucceededSilently();
        other.Del().SucceededSilently();
    }

    [Fact]
    public void Unknown_entries_are_fine()
    {
        using var pod = new Container(node).Added();
        using var never = new Container(node);
        Collect((Specified, List(never, pod))).SucceededSilently();
        Assert.True(pod.Works());
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void The_same_container_with_another_interface_name_is_not_listed()
    {
        using var pod = new Container(node).Added();
        Collect((Specified, $$"""[{"containerID":"{{pod.Id.ContainerId}}","ifname":"net1"}]""")).SucceededSilently();
        Assert.Empty(node.State().Endpoints);
    }

    [Fact]
    public void Without_a_list_nothing_is_removed()
    {
        using var pod = new Container(node).Added();
        Assert.Equal(CniErrorCode.InvalidConfig, Collect().Error.Code);
        Assert.True(pod.Works());
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void Another_networks_pods_stay()
    {
        using var ours = new Container(node).Added();
        using var theirs = new Container(node).Added(("name", "\"other\""));
        Collect((Specified, "[]")).SucceededSilently();
        Assert.Equal([theirs.Id], node.State().Endpoints.Select(endpoint => endpoint.Id));
        Assert.True(theirs.Works());
        Collect((Specified, "[]"), ("name", "\"other\"")).SucceededSilently();
    }

    [Fact]
    public void A_pod_of_before_a_restart_of_the_agent_is_collected_too()
    {
        using var pod = new Container(node).Added();
        node.RestartAgent();
        Collect((Specified, "[]")).SucceededSilently();
        Assert.Equal(1, pod.TryInside("ip", "link", "show", "eth0").ExitCode);
    }

    private PluginAnswer Collect(params (string, string?)[] changes) =>
        node.Run(
            PluginBinary.Location,
            MalformedInputTable.Environment(
                "GC",
                ("CNI_CONTAINERID", null),
                ("CNI_NETNS", null),
                ("CNI_IFNAME", null),
                ("CNI_NETNS_OVERRIDE", null)
            ),
            Container.Configuration(changes)
        );

    private static string List(params Container[] pods) =>
        $"[{string.Join(',', pods.Select(p => $$"""{"containerID":"{{p.Id.ContainerId}}","ifname":"{{p.Id.IfName}}"}"""))}]";
}
