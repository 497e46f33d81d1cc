using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weft.Contracts;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.Cni;

/// <summary>Which addresses pods get, and that each is given to one at a time.</summary>
[Collection(typeof(MachineWide))]
public sealed partial class AddressPoolTests(NodeUnderTest node) : IClassFixture<NodeUnderTest>, IDisposable
{
    /// <summary>Five addresses for pods: .2 to .6.</summary>
    private const string SmallPool = "10.244.1.0/29";
    private const int SmallPoolsPods = 5;
    private const string V6Pool = "fd00:10:244:1::/64";

    private readonly NodeContents before = node.Contents();

    public void Dispose()
    {
        RestartWith("10.244.1.0/24", coolDownSeconds: 60);
        node.IsAsBefore(before);
    }

    [Fact]
    public void Every_address_of_a_pool_is_given_and_then_it_says_when_the_next_is_free()
    {
        RestartWith(SmallPool, coolDownSeconds: 3600);
        var pods = Added(SmallPoolsPods);
        Assert.Equal(
            ["10.244.1.2", "10.244.1.3", "10.244.1.4", "10.244.1.5", "10.244.1.6"],
            pods.Select(pod => pod.Addresses[0]).Order()
        );
        using var late = new Container(node);
        var full = node.Contents();
        var error = late.Add().Error;
        Assert.Equal(CniErrorCode.TryAgainLater, error.Code);
        Assert.Contains(SmallPool, error.Message, StringComparison.Ordinal);
        Assert.Equal(full, node.Contents());
        Assert.Equal(1, late.TryInside("ip", "link", "show", "eth0").ExitCode);

        pods[0].Del().SucceededSilently();
        error = late.Add().Error;
        Assert.Equal(CniErrorCode.TryAgainLater, error.Code);
        var seconds = int.Parse(SecondsIn().Match(error.Message).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 3000, 3600);
        Assert.All(pods[1..], pod => Assert.True(pod.Works()));
        End(pods);
    }

    [Fact]
    public void A_freed_address_rests_and_a_restart_does_not_wake_it()
    {
        RestartWith(SmallPool, coolDownSeconds: 3600);
        using var first = new Container(node).Added();
        first.Del().SucceededSilently();
        using var second = new Container(node).Added();
        Assert.Empty(first.Addresses.Intersect(second.Addresses));
        node.RestartAgent();
        var others = Added(SmallPoolsPods - 2);
        Assert.DoesNotContain(first.Addresses[0], others.Select(pod => pod.Addresses[0]));
        using var late = new Container(node);
        Assert.Equal(CniErrorCode.TryAgainLater, late.Add().Error.Code);
        End([second, .. others]);
    }

    [Fact]
    public void An_address_that_has_rested_is_given_again()
    {
        RestartWith(SmallPool, coolDownSeconds: 2);
        var pods = Added(SmallPoolsPods);
        pods[0].Del().SucceededSilently();
        using var late = new Container(node);
        NodeUnderTest.Eventually("the address is given again", () => late.Add().ExitCode == 0);
        End([.. pods, late]);
    }

    [Fact]
    public void An_ADD_that_fails_gives_its_address_back_at_once()
    {
        RestartWith(SmallPool, coolDownSeconds: 3600);
        using var taken = new Container(node);
        taken.Inside("ip", "link", "add", "eth0", "type", "bridge");
        for (var i = 0; i < 2 * SmallPoolsPods; i++)
        {
            Assert.Equal(CniErrorCode.AlreadyExists, taken.Add().Error.Code);
        }

        End(Added(SmallPoolsPods));
    }

    [Fact]
    public void ADDs_at_once_never_share_the_last_address()
    {
        RestartWith(SmallPool, coolDownSeconds: 3600);
        var pods = Enumerable.Range(0, 3 * SmallPoolsPods).Select(_ => new Container(node)).ToList();
        var answers = new PluginAnswer[pods.Count];
        Parallel.For(0, pods.Count, i => answers[i] = pods[i].Add());
        Assert.Equal(SmallPoolsPods, answers.Count(answer => answer.ExitCode == 0));
        Assert.All(
            answers.Where(answer => answer.ExitCode != 0),
            answer => Assert.Equal(CniErrorCode.TryAgainLater, answer.Error.Code)
        );
        End(pods);
    }

    [Theory]
    [InlineData("IP=10.244.1.77", null, null)]
    [InlineData("IP=10.244.1.77,fd00:10:244:1::77", null, null)]
    [InlineData(null, """{"ips":["10.244.1.77/24","fd00:10:244:1::77/64"]}""", null)]
    [InlineData(null, null, """{"cni":{"ips":["10.244.1.77"]}}""")]
    public void A_wished_address_is_given(string? variable, string? capability, string? argument)
    {
        using var pod = new Container(node);
        var answer = pod.Call("ADD", [("CNI_ARGS", variable)], [("runtimeConfig", capability), ("args", argument)]);
        var addresses = answer.Succeeded().Json.GetProperty("ips").EnumerateArray().ToList();
        Assert.Equal("10.244.1.77/32", addresses[0].GetProperty("address").GetString());
        Assert.Equal(2, addresses.Count);
        if (((variable ?? capability)?.Contains("::77", StringComparison.Ordinal)) == true)
        {
            Assert.Equal("fd00:10:244:1::77/128", addresses[1].GetProperty("address").GetString());
        }

        Assert.True(pod.Reaches("10.244.1.1"));
        pod.Del().SucceededSilently();
    }

    [Theory]
    [InlineData("10.244.1.1")] // the gateway
    [InlineData("10.244.1.0")]
    [InlineData("10.244.1.255")]
    [InlineData("10.9.9.9")]
    [InlineData("fd00:10:244:1::1")]
    [InlineData("2001:db8::1")]
    public void A_wished_address_that_is_no_pods_to_have_is_refused(string address)
    {
        using var pod = new Container(node);
        var error = pod.Call("ADD", [("CNI_ARGS", $"IP={address}")], []).Error;
        Assert.Equal(CniErrorCode.AddressUnavailable, error.Code);
        Assert.Contains(address, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wished_address_that_another_pod_has_is_refused()
    {
        using var pod = new Container(node).Added();
        using var other = new Container(node);
        var error = other.Call("ADD", [("CNI_ARGS", $"IP={pod.Addresses[0]}")], []).Error;
        Assert.Equal(CniErrorCode.AddressUnavailable, error.Code);
        Assert.True(pod.Works());
        pod.Del().SucceededSilently();
    }

    [Theory]
    [InlineData("MAC=02:11:22:33:44:55", null)]
    [InlineData(null, """{"mac":"02:11:22:33:44:55"}""")]
    public void A_wished_MAC_is_given(string? variable, string? capability)
    {
        using var pod = new Container(node);
        var answer = pod.Call("ADD", [("CNI_ARGS", variable)], [("runtimeConfig", capability)]).Succeeded();
        Assert.Contains("02:11:22:33:44:55", pod.Inside("ip", "link", "show", "eth0"), StringComparison.Ordinal);
        Assert.Contains("02:11:22:33:44:55", answer.Output, StringComparison.Ordinal);
        Assert.True(pod.Reaches("10.244.1.1"));
        pod.Del().SucceededSilently();
    }

    private List<Container> Added(int count)
    {
        var pods = Enumerable.Range(0, count).Select(_ => new Container(node)).ToList();
        Parallel.ForEach(pods, pod => pod.Added());
        return pods;
    }

    private static void End(IEnumerable<Container> pods)
    {
        foreach (var pod in pods)
        {
            pod.Del().SucceededSilently();
            pod.Dispose();
        }
    }

    /// <summary>Forgets what rests, too: each test starts with every address free.</summary>
    private void RestartWith(string pool, int coolDownSeconds)
    {
        node.OnNode("sh", "-c", $"rm -f {WeftPaths.RunDirectory}/resting/*");
        node.RestartAgent(("podCidrs", new JsonArray(pool, V6Pool)), ("addressCoolDownSeconds", coolDownSeconds));
    }

    [GeneratedRegex(@"free in (\d+) s")]
    private static partial Regex SecondsIn();
}
