using System.Text;
using Weft.Agent.Peers;
using Weft.Net;

namespace Weft.Tests.Unit.Agent;

public sealed class PeerTests
{
    [Fact]
    public void A_node_has_a_name_addresses_and_pod_prefixes()
    {
        var peer = Parse(
            """{ "name": "n2", "addresses": ["192.0.2.2", "fd00::2"], "podCidrs": ["10.1.2.9/24", "fd01::/64"] }"""
        );
        Assert.Equal("n2", peer.Name);
        Assert.Equal(["192.0.2.2", "fd00::2"], peer.Addresses.Select(address => address.ToString()));
        Assert.Equal(["10.1.2.0/24", "fd01::/64"], peer.PodCidrs.Select(prefix => prefix.ToString()));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("null", "it is null")]
    [InlineData("[]", "")]
    [InlineData("{}", "name")]
    [InlineData("""{ "name": "n", "podCidrs": [] }""", "addresses")]
    [InlineData("""{ "name": "n", "addresses": ["192.0.2.2"] }""", "podCidrs")]
    [InlineData("""{ "name": "", "addresses": ["192.0.2.2"], "podCidrs": [] }""", "needs a \"name\"")]
    [InlineData("""{ "name": "n", "addresses": [], "podCidrs": [] }""", "at least one of \"addresses\"")]
    [InlineData("""{ "name": "n", "addresses": ["192.0.2"], "podCidrs": [] }""", "\"192.0.2\" is not an IP address")]
    [InlineData("""{ "name": "n", "addresses": [null], "podCidrs": [] }""", "is not an IP address")]
    [InlineData("""{ "name": "n", "addresses": ["192.0.2.2"], "podCidrs": ["10"] }""", "\"10\" is not a prefix")]
    [InlineData("""{ "name": "n", "addresses": ["192.0.2.2"], "podCidrs": [], "podCidr": "" }""", "podCidr")]
    public void A_file_that_makes_no_sense_says_what_is_wrong(string json, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<FormatException>(() => Parse(json)).Message);

    [Theory]
    [InlineData("192.0.2.1 fd00::1", "192.0.2.2")]
    [InlineData("192.0.2.1", "192.0.2.2")]
    [InlineData("fd00::1", "fd00::2")]
    [InlineData("", null)]
    public void A_node_is_reached_by_a_family_both_have_and_by_IPv4_first(string own, string? by)
    {
        var peer = Parse("""{ "name": "n2", "addresses": ["fd00::2", "192.0.2.2"], "podCidrs": [] }""");
        Ip[] addresses = [.. own.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Ip.Parse)];
        Assert.Equal(by, peer.ReachedFrom(addresses)?.ToString());
    }

    private static Peer Parse(string json) => Peer.Parse(Encoding.UTF8.GetBytes(json));
}
