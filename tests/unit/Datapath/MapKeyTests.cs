using Weft.Datapath;
using Weft.Net;

namespace Weft.Tests.Unit.Datapath;

public sealed class MapKeyTests
{
    [Theory]
    [InlineData("10.244.1.5/24", 120u, "10.244.1.0")]
    [InlineData("192.0.2.1/32", 128u, "192.0.2.1")]
    [InlineData("0.0.0.0/0", 96u, "0.0.0.0")]
    [InlineData("fd00::5/64", 64u, "fd00::")]
    [InlineData("::/0", 0u, "::")]
    public void A_prefix_is_counted_in_the_128_bit_form(string prefix, uint length, string first)
    {
        var key = PeerKey.From(Prefix.Parse(prefix));
        Assert.Equal(length, key.PrefixLength);
        Assert.Equal(Ip.Parse(first), key.Address.ToIp());
    }

    [Fact]
    public void Equal_addresses_are_one_key()
    {
        var addresses = new HashSet<MapAddress> { MapAddress.From(Ip.Parse("10.0.0.1")) };
        Assert.Contains(MapAddress.From(Ip.Parse("10.0.0.1")), addresses);
        Assert.DoesNotContain(MapAddress.From(Ip.Parse("::10.0.0.1")), addresses);
    }

    [Fact]
    public void A_MAC_reads_back()
    {
        var mac = MacAddress.Parse("02:57:66:74:00:01");
        Assert.Equal(mac, MapMac.From(mac).ToMac());
    }

    [Fact]
    public void A_port_in_network_order_has_its_high_byte_first() =>
        Assert.Equal([0x21, 0x18], BitConverter.GetBytes(ConfigValue.ToNetwork(8472)));
}
