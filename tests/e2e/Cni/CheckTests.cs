using System.Text.Json.Nodes;
using Weft.Contracts;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.Cni;

/// <summary>CHECK sees what is broken of ours and leaves the rest to others.</summary>
[Collection(typeof(MachineWide))]
public sealed class CheckTests(NodeUnderTest node) : IClassFixture<NodeUnderTest>, IDisposable
{
    private readonly NodeContents before = node.Contents();

    public void Dispose() => node.IsAsBefore(before);

    [Theory]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    [InlineData("1.1.0")]
    public void CHECK_right_after_ADD_succeeds(string version)
    {
        using var pod = new Container(node).Added(("cniVersion", $"\"{version}\""));
        pod.Check(("cniVersion", $"\"{version}\"")).SucceededSilently();
        pod.Del().SucceededSilently();
    }

    [Theory]
    [InlineData("ip address delete {address}/32 dev eth0", "{address}")]
    [InlineData("ip -6 address delete {address6}/128 dev eth0", "{address6}")]
    [InlineData("ip route delete default", "0.0.0.0/0")]
    [InlineData("ip route replace default dev eth0", "0.0.0.0/0")]
    [InlineData("ip -6 route delete default", "::/0")]
    [InlineData("ip route delete {gateway}", "{gateway}")]
    [InlineData("ip link set eth0 address 02:00:00:00:00:99", "02:00:00:00:00:99")]
    [InlineData("ip link set eth0 down", "down")]
    [InlineData("ip link set eth0 name eth9", "gone")]
    public void CHECK_fails_after_a_change_inside_the_pod_and_names_it(string change, string named)
    {
        using var pod = new Container(node).Added();
        pod.Inside(Filled(change, pod).Split(' '));
        var error = pod.Check().Error;
        Assert.Equal(CniErrorCode.CheckFailed, error.Code);
        Assert.Contains(Filled(named, pod), error.Message, StringComparison.Ordinal);
        pod.Del().SucceededSilently();
    }

    [Theory]
    [InlineData("ip link set {host} down")]
    [InlineData("ip link set {host} name weftmoved")]
    public void CHECK_fails_after_a_change_of_the_nodes_end(string change)
    {
        using var pod = new Container(node).Added();
        node.OnNode(Filled(change, pod).Split(' '));
        var error = pod.Check().Error;
        Assert.Equal(CniErrorCode.CheckFailed, error.Code);
        Assert.Contains(pod.HostInterface, error.Message, StringComparison.Ordinal);
        pod.Del().SucceededSilently();
        pod.DestroyNamespace();
        NodeUnderTest.Eventually(
            "the link is gone",
            () => node.Contents() with { Namespaces = before.Namespaces } == before
        );
    }

    [Fact]
    public void CHECK_of_a_removed_link_fails()
    {
        using var pod = new Container(node).Added();
        pod.Inside("ip", "link", "delete", "eth0");
        Assert.Contains(pod.Check().Error.Code, new[] { CniErrorCode.CheckFailed, CniErrorCode.UnknownContainer });
        pod.Del().SucceededSilently();
    }

    [Theory]
    [InlineData("ip address add 192.0.2.77/32 dev eth0")]
    [InlineData("ip route add 203.0.113.0/24 dev eth0")]
    [InlineData("ip link add net1 type bridge")]
    [InlineData("ip link set eth0 mtu 1400")]
    [InlineData("ip link set eth0 promisc on")]
    public void CHECK_tolerates_what_plugins_after_us_do(string change)
    {
        using var pod = new Container(node).Added();
        pod.Inside(change.Split(' '));
        pod.Check().SucceededSilently();
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void CHECK_tolerates_what_plugins_after_us_add_to_the_result()
    {
        using var pod = new Container(node).Added();
        var longer = JsonNode.Parse(pod.Result!.Output)!;
        longer["interfaces"]!.AsArray().Add(new JsonObject { ["name"] = "net1", ["sandbox"] = pod.NetnsPath });
        longer["ips"]!.AsArray().Insert(0, new JsonObject { ["address"] = "203.0.113.9/24", ["interface"] = 2 });
        longer["routes"]!.AsArray().Insert(0, new JsonObject { ["dst"] = "203.0.113.0/24" });
        longer["dns"] = new JsonObject { ["nameservers"] = new JsonArray("192.0.2.53") };
        pod.Check(("prevResult", longer.ToJsonString())).SucceededSilently();
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void CHECK_fails_on_a_result_that_is_not_ADDs()
    {
        using var pod = new Container(node).Added();
        using var other = new Container(node).Added();
        var wrong = pod.Result!.Output.Replace(pod.Addresses[0], other.Addresses[0], StringComparison.Ordinal);
        var error = pod.Check(("prevResult", wrong)).Error;
        Assert.Equal(CniErrorCode.CheckFailed, error.Code);
        Assert.Contains(pod.Addresses[0], error.Message, StringComparison.Ordinal);
        pod.Del().SucceededSilently();
        other.Del().SucceededSilently();
    }

    [Fact]
    public void CHECK_after_DEL_says_that_the_container_is_unknown()
    {
        using var pod = new Container(node).Added();
        pod.Del().SucceededSilently();
        Assert.Equal(CniErrorCode.UnknownContainer, pod.Check().Error.Code);
        pod.DestroyNamespace();
        Assert.Equal(CniErrorCode.UnknownContainer, pod.Check().Error.Code);
    }

    [Fact]
    public void CHECK_of_another_namespace_fails()
    {
        using var pod = new Container(node).Added();
        using var other = new Container(node);
        var moved = pod.Result!.Output.Replace(pod.NetnsPath, other.NetnsPath, StringComparison.Ordinal);
        var error = pod.Call("CHECK", [("CNI_NETNS", other.NetnsPath)], [("prevResult", moved)]).Error;
        Assert.Equal(CniErrorCode.CheckFailed, error.Code);
        pod.Del().SucceededSilently();
    }

    private static string Filled(string text, Container pod) =>
        text.Replace("{address}", pod.Addresses[0], StringComparison.Ordinal)
            .Replace("{address6}", pod.Addresses[1], StringComparison.Ordinal)
            .Replace("{gateway}", pod.Gateways[0], StringComparison.Ordinal)
            .Replace("{host}", pod.HostInterface, StringComparison.Ordinal);
}
