using System.Text.Json.Nodes;

namespace Weft.Tests.Cni;

public sealed class ResultTests
{
    public static readonly string HostEnd = FakeAgent.Made.HostInterface;

    [Theory]
    [InlineData("0.3.1")]
    [InlineData("0.4.0")]
    public void Up_to_0_4_0_addresses_say_their_family(string version) =>
        AssertResult(
            version,
            [],
            $$"""
            {
              "cniVersion": "{{version}}",
              "interfaces": [
                {"name": "{{HostEnd}}", "mac": "0a:00:00:00:00:01", "sandbox": ""},
                {"name": "eth0", "mac": "0a:00:00:00:00:02", "sandbox": "/proc/self/ns/net"}
              ],
              "ips": [
                {"version": "4", "address": "10.244.1.5/32", "gateway": "10.244.1.1", "interface": 1},
                {"version": "6", "address": "fd00::5/128", "gateway": "fd00::1", "interface": 1}
              ],
              "routes": [
                {"dst": "10.244.1.1/32"},
                {"dst": "0.0.0.0/0", "gw": "10.244.1.1"},
                {"dst": "::/0", "gw": "fd00::1"}
              ]
            }
            """
        );

    [Fact]
    public void Version_1_0_0_has_no_family() =>
        AssertResult(
            "1.0.0",
            [],
            $$"""
            {
              "cniVersion": "1.0.0",
              "interfaces": [
                {"name": "{{HostEnd}}", "mac": "0a:00:00:00:00:01", "sandbox": ""},
                {"name": "eth0", "mac": "0a:00:00:00:00:02", "sandbox": "/proc/self/ns/net"}
              ],
              "ips": [
                {"address": "10.244.1.5/32", "gateway": "10.244.1.1", "interface": 1},
                {"address": "fd00::5/128", "gateway": "fd00::1", "interface": 1}
              ],
              "routes": [
                {"dst": "10.244.1.1/32"},
                {"dst": "0.0.0.0/0", "gw": "10.244.1.1"},
                {"dst": "::/0", "gw": "fd00::1"}
              ]
            }
            """
        );

    [Fact]
    public void Version_1_1_0_adds_the_MTU_and_the_scope() =>
        AssertResult(
            "1.1.0",
            [],
            $$"""
            {
              "cniVersion": "1.1.0",
              "interfaces": [
                {"name": "{{HostEnd}}", "mac": "0a:00:00:00:00:01", "mtu": 1450, "sandbox": ""},
                {"name": "eth0", "mac": "0a:00:00:00:00:02", "mtu": 1450, "sandbox": "/proc/self/ns/net"}
              ],
              "ips": [
                {"address": "10.244.1.5/32", "gateway": "10.244.1.1", "interface": 1},
                {"address": "fd00::5/128", "gateway": "fd00::1", "interface": 1}
              ],
              "routes": [
                {"dst": "10.244.1.1/32", "scope": 253},
                {"dst": "0.0.0.0/0", "gw": "10.244.1.1"},
                {"dst": "::/0", "gw": "fd00::1"}
              ]
            }
            """
        );

    [Theory]
    [InlineData("0.3.1", true)]
    [InlineData("1.0.0", false)]
    public void What_earlier_plugins_made_comes_first_and_as_it_is(string version, bool family)
    {
        const string Previous = """
            {
              "cniVersion": "0.4.0",
              "interfaces": [{"name": "net1", "sandbox": "/proc/self/ns/net", "socketPath": "/s", "x": [1]}],
              "ips": [{"version": "4", "interface": 0, "address": "192.168.0.2/24", "gateway": "192.168.0.1", "y": 1}],
              "routes": [{"dst": "192.168.0.0/16", "gw": "192.168.0.1", "mtu": 9000}],
              "dns": {"nameservers": ["192.168.0.1"]},
              "z": {"kept": true}
            }
            """;
        var result = Add(version, ("prevResult", Previous));
        var before = JsonNode.Parse(Previous)!;
        Assert.Equal(version, (string?)result["cniVersion"]);
        AssertSame(before["interfaces"]![0], result["interfaces"]![0]);
        AssertSame(before["routes"]![0], result["routes"]![0]);
        AssertSame(before["dns"], result["dns"]);
        AssertSame(before["z"], result["z"]);
        Assert.Equal(["net1", HostEnd, "eth0"], result["interfaces"]!.AsArray().Select(i => (string?)i!["name"]));
        Assert.Equal([0, 2, 2], result["ips"]!.AsArray().Select(i => (int)i!["interface"]!));
        Assert.Equal([family, family, family], result["ips"]!.AsArray().Select(i => i!["version"] is not null));
        Assert.Equal(1, (int)result["ips"]![0]!["y"]!);
        Assert.Equal(4, result["routes"]!.AsArray().Count);
    }

    [Fact]
    public void An_interface_of_our_name_elsewhere_is_no_obstacle() =>
        Add("1.1.0", ("prevResult", """{"interfaces":[{"name":"eth0"},{"name":"eth0","sandbox":"/other"}]}"""));

    [Fact]
    public void The_configurations_dns_is_copied_and_wins_over_the_previous()
    {
        const string Dns =
            """{"nameservers":["10.0.0.10","fd00::a"],"domain":"a.b","search":["c.d"],"options":["ndots:5"]}""";
        AssertSame(JsonNode.Parse(Dns), Add("1.1.0", ("dns", Dns))["dns"]);
        AssertSame(
            JsonNode.Parse(Dns),
            Add("1.1.0", ("dns", Dns), ("prevResult", """{"dns":{"domain":"x"}}"""))["dns"]
        );
    }

    private static void AssertResult(string version, (string, string?)[] changes, string expected) =>
        AssertSame(JsonNode.Parse(expected), Add(version, changes));

    private static void AssertSame(JsonNode? expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(expected, actual), $"expected {expected}, got {actual}");

    private static JsonNode Add(string version, params (string, string?)[] changes)
    {
        using var agent = FakeAgent.ThatAdds();
        return JsonNode.Parse(
            PluginRun.Of("ADD", agent, [("cniVersion", $"\"{version}\""), .. changes]).Succeeded().Output
        )!;
    }
}
