using System.Net;
using System.Text;
using Weft.Configuration;
using Weft.Net;
using Weft.Operator.Configuration;
using Weft.Operator.Pools;

namespace Weft.Tests.Unit.Operator;

public sealed class OperatorConfigTests
{
    [Fact]
    public void Without_a_file_everything_is_as_by_default()
    {
        var settings = ConfigFile.Read(null);
        Assert.Equal(Ipam.Pool, settings.Ipam);
        Assert.Empty(settings.ClusterPodCidrs);
        Assert.Equal(TimeSpan.FromMinutes(10), settings.BlockCoolDown);
        Assert.Equal(TimeSpan.FromMinutes(10), settings.IdentityGrace);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Any, 9967), settings.Listen);
        Assert.Null(settings.LeaseNamespace);
    }

    [Fact]
    public void Every_key_is_taken_up()
    {
        var settings = Parse(
            """
            {
              // Comments are allowed.
              "ipam": "pool",
              "clusterPodCidrs": ["10.244.0.0/16", "fd00:10:244::/48"],
              "blockCoolDownSeconds": 0,
              "identityGraceSeconds": 86400,
              "listen": "[::1]:0",
              "leaseNamespace": "weft"
            }
            """
        );
        Assert.Equal(["10.244.0.0/16", "fd00:10:244::/48"], settings.ClusterPodCidrs.Select(cidr => cidr.ToString()));
        Assert.Equal(TimeSpan.Zero, settings.BlockCoolDown);
        Assert.Equal(TimeSpan.FromDays(1), settings.IdentityGrace);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 0), settings.Listen);
        Assert.Equal("weft", settings.LeaseNamespace);
        Assert.Equal(Ipam.Kubernetes, Parse("""{ "ipam": "kubernetes" }""").Ipam);
    }

    [Theory]
    [InlineData(
        """{ "clusterPodCIDRs": [] }""",
        "unknown key \"clusterPodCIDRs\"; the keys are ipam, clusterPodCidrs,"
    )]
    [InlineData("""{ "ipam": "pool", "ipam": "pool" }""", "key \"ipam\" is given twice")]
    [InlineData("""{ "ipam": "host" }""", "\"ipam\": \"host\" is neither pool nor kubernetes")]
    [InlineData("""{ "ipam": 1 }""", "\"ipam\" must be a text")]
    [InlineData("""{ "clusterPodCidrs": "10.0.0.0/8" }""", "\"clusterPodCidrs\" must be a list of texts")]
    [InlineData("""{ "identityGraceSeconds": "1" }""", "\"identityGraceSeconds\" must be a whole number")]
    [InlineData("""{ "identityGraceSeconds": -1 }""", "\"identityGraceSeconds\" is -1; it must be from 0 to 86400")]
    [InlineData("""{ "blockCoolDownSeconds": 86401 }""", "\"blockCoolDownSeconds\" is 86401")]
    [InlineData("""{ "clusterPodCidrs": ["10.0.0.1/8"] }""", "\"10.0.0.1/8\" is not a prefix with host bits clear")]
    [InlineData("""{ "clusterPodCidrs": ["10.0.0.0/8", "10.1.0.0/16"] }""", "10.1.0.0/16 and 10.0.0.0/8 overlap")]
    [InlineData("""{ "clusterPodCidrs": ["10.0.0.0/31"] }""", "10.0.0.0/31 has no room for pods")]
    [InlineData("""{ "ipam": "kubernetes", "clusterPodCidrs": [] }""", "\"clusterPodCidrs\" contradicts \"ipam\"")]
    [InlineData("""{ "ipam": "kubernetes", "blockCoolDownSeconds": 1 }""", "\"blockCoolDownSeconds\" contradicts")]
    [InlineData("""{ "listen": "9967" }""", "\"listen\": \"9967\" is not an address and a port")]
    [InlineData("""{ "leaseNamespace": "" }""", "\"leaseNamespace\" is empty")]
    [InlineData("[]", "the configuration must be a JSON object")]
    [InlineData("{", "the configuration is not JSON")]
    public void What_cannot_be_used_is_refused_by_its_key(string text, string says) =>
        Assert.Contains(says, Assert.Throws<ConfigException>(() => Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("10.244.0.0/16", 24)]
    [InlineData("10.0.0.0/8", 24)]
    [InlineData("0.0.0.0/4", 20)]
    [InlineData("10.244.0.0/24", 28)]
    [InlineData("10.244.0.0/28", 30)]
    [InlineData("fd00::/48", 64)]
    [InlineData("fd00::/40", 56)]
    [InlineData("fd00::/64", 72)]
    [InlineData("fd00::/124", 126)]
    public void Blocks_of_the_default_pool_are_as_large_as_the_range_has_room_for(string cidr, int size) =>
        Assert.Equal(size, DefaultPool.BlockSize(Prefix.Parse(cidr)));

    private static OperatorSettings Parse(string text) => ConfigFile.Parse(Encoding.UTF8.GetBytes(text));
}
