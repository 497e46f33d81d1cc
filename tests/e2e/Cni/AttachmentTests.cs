using System.Text.Json;
using Weft.Contracts;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.Cni;

/// <summary>ADD and DEL of the plugin, the agent and the kernel together. Nothing is left after any of these.</summary>
[Collection(typeof(MachineWide))]
public sealed class AttachmentTests(NodeUnderTest node) : IClassFixture<NodeUnderTest>, IDisposable
{
    private readonly NodeContents before = node.Contents();

    public void Dispose() => node.IsAsBefore(before);

    [Theory]
    [InlineData("0.3.1")]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    [InlineData("1.1.0")]
    public void ADD_makes_a_pod_that_works_and_says_so_in_the_configurations_version(string version)
    {
        using var pod = new Container(node).Added(("cniVersion", $"\"{version}\""));
        Assert.Equal(version, pod.Json.GetProperty("cniVersion").GetString());
        Assert.Equal(2, pod.Addresses.Length);
        foreach (var ip in pod.Json.GetProperty("ips").EnumerateArray())
        {
            var @interface = pod.Json.GetProperty("interfaces")[ip.GetProperty("interface").GetInt32()];
            Assert.Equal("eth0", @interface.GetProperty("name").GetString());
            Assert.Equal(pod.NetnsPath, @interface.GetProperty("sandbox").GetString());
            Assert.Equal(version == "1.1.0", @interface.TryGetProperty("mtu", out _));
            var family = ip.GetProperty("address").GetString()!.Contains(':') ? "6" : "4";
            Assert.Equal(version[0] == '0' ? family : null, Optional(ip, "version"));
        }

        Assert.True(pod.Works());
        Assert.Contains(pod.HostInterface, node.Contents().Links, StringComparison.Ordinal);
        pod.Del(("cniVersion", $"\"{version}\"")).SucceededSilently();
        Assert.Equal(1, pod.TryInside("ip", "link", "show", "eth0").ExitCode);
    }

    [Fact]
    public void The_host_end_that_ADD_reports_is_on_the_node()
    {
        using var pod = new Container(node).Added();
        var host = pod
            .Json.GetProperty("interfaces")
            .EnumerateArray()
            .Single(i => Optional(i, "sandbox") is null or "");
        var link = node.OnNode("ip", "link", "show", host.GetProperty("name").GetString()!);
        Assert.Contains(host.GetProperty("mac").GetString()!, link, StringComparison.Ordinal);
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void Two_pods_reach_each_other_until_one_is_deleted()
    {
        using var one = new Container(node).Added();
        using var other = new Container(node).Added();
        Assert.All(other.Addresses, address => Assert.True(one.Reaches(address)));
        other.Del().SucceededSilently();
        Assert.All(other.Addresses, address => Assert.False(one.Reaches(address)));
        one.Del().SucceededSilently();
    }

    /// <summary>Both would bring a default route, of which a pod has one; what was made of the second is undone.</summary>
    [Fact]
    public void A_containers_second_interface_is_refused_and_the_first_goes_on()
    {
        using var pod = new Container(node).Added();
        var made = node.Contents();
        var error = pod.Call("ADD", [("CNI_IFNAME", "net1")], []).Error;
        Assert.Equal(CniErrorCode.KernelRefused, error.Code);
        Assert.Contains("route", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, pod.TryInside("ip", "link", "show", "net1").ExitCode);
        Assert.Equal(made, node.Contents());
        pod.Call("DEL", [("CNI_IFNAME", "net1")], []).SucceededSilently();
        Assert.True(pod.Works());
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void A_second_ADD_of_an_attachment_is_refused_and_the_pod_goes_on()
    {
        using var pod = new Container(node).Added();
        using var elsewhere = new Container(node);
        var made = node.Contents();
        Assert.Equal(CniErrorCode.AlreadyExists, pod.Add().Error.Code);
        Assert.Equal(CniErrorCode.AlreadyExists, pod.Call("ADD", [("CNI_NETNS", elsewhere.NetnsPath)], []).Error.Code);
        Assert.Equal(1, elsewhere.TryInside("ip", "link", "show", "eth0").ExitCode);
        Assert.Equal(made, node.Contents());
        Assert.True(pod.Works());
        pod.Check().SucceededSilently();
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void ADD_refuses_an_interface_name_that_is_taken_and_leaves_it_alone()
    {
        using var pod = new Container(node);
        pod.Inside("ip", "link", "add", "eth0", "type", "bridge");
        var error = pod.Add().Error;
        Assert.Equal(CniErrorCode.AlreadyExists, error.Code);
        Assert.Contains("eth0", error.Message, StringComparison.Ordinal);
        Assert.Contains("bridge", pod.Inside("ip", "-d", "link", "show", "eth0"), StringComparison.Ordinal);
        pod.Del().SucceededSilently();
        pod.Inside("ip", "link", "show", "eth0");
    }

    [Fact]
    public void DEL_of_what_was_never_added_succeeds()
    {
        using var pod = new Container(node);
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void DEL_can_be_repeated_and_ADD_after_it()
    {
        using var pod = new Container(node).Added();
        pod.Del().SucceededSilently();
        pod.Del().SucceededSilently();
        pod.Added();
        Assert.True(pod.Works());
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void DEL_without_a_namespace_frees_everything()
    {
        using var pod = new Container(node).Added();
        pod.Call("DEL", [("CNI_NETNS", "")], []).SucceededSilently();
        Assert.Equal(1, pod.TryInside("ip", "link", "show", "eth0").ExitCode);
        using var second = new Container(node).Added();
        second.Call("DEL", [("CNI_NETNS", null)], []).SucceededSilently();
    }

    [Fact]
    public void DEL_after_the_namespace_has_vanished_frees_everything()
    {
        using var pod = new Container(node).Added();
        pod.DestroyNamespace();
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void DEL_after_a_plain_file_has_taken_the_namespaces_place_frees_everything()
    {
        using var pod = new Container(node).Added();
        pod.DestroyNamespace();
        File.WriteAllText(pod.NetnsPath, "");
        pod.Del().SucceededSilently();
        File.Delete(pod.NetnsPath);
    }

    [Theory]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("""{"cniVersion":"9.9.9","interfaces":7}""")]
    [InlineData("null")]
    public void DEL_does_not_read_prevResult(string garbage)
    {
        using var pod = new Container(node).Added();
        pod.Del(("prevResult", garbage)).SucceededSilently();
    }

    [Fact]
    public void A_namespace_that_ends_without_DEL_takes_its_endpoint_along()
    {
        using var pod = new Container(node).Added();
        pod.DestroyNamespace();
        NodeUnderTest.Eventually("the endpoint is gone", () => node.State().Endpoints.Count == 0);
    }

    [Fact]
    public void A_link_that_is_removed_inside_the_pod_takes_its_endpoint_along()
    {
        using var pod = new Container(node).Added();
        pod.Inside("ip", "link", "delete", "eth0");
        NodeUnderTest.Eventually("the endpoint is gone", () => node.State().Endpoints.Count == 0);
        pod.Del().SucceededSilently();
    }

    [Fact]
    public void Many_ADDs_and_DELs_at_once_get_along()
    {
        const int Count = 40;
        var pods = Enumerable.Range(0, Count).Select(_ => new Container(node)).ToList();
        try
        {
            Parallel.ForEach(pods, pod => pod.Added());
            Assert.Equal(2 * Count, pods.SelectMany(pod => pod.Addresses).Distinct().Count());
            Assert.Equal(Count, node.State().Endpoints.Count);
            Assert.All(pods, pod => Assert.True(pod.Works()));
            Parallel.ForEach(pods, pod => pod.Del().SucceededSilently());
        }
        finally
        {
            pods.ForEach(pod => pod.Dispose());
        }
    }

    [Fact]
    public void Of_several_ADDs_of_one_attachment_at_once_one_wins()
    {
        using var pod = new Container(node);
        var answers = new PluginAnswer[8];
        Parallel.For(0, answers.Length, i => answers[i] = pod.Add());
        Assert.Single(answers, answer => answer.ExitCode == 0);
        Assert.All(
            answers.Where(answer => answer.ExitCode != 0),
            answer => Assert.Equal(CniErrorCode.AlreadyExists, answer.Error.Code)
        );
        pod.Del().SucceededSilently();
    }

    private static string? Optional(JsonElement element, string key) =>
        element.TryGetProperty(key, out var value) ? value.GetString() : null;
}
