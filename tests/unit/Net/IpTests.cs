using Weft.Net;

namespace Weft.Tests.Unit.Net;

public sealed class IpTests
{
    [Theory]
    [InlineData("10.0.0.1", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("::", false)]
    [InlineData("fd00::1", false)]
    [InlineData("2001:db8::ff", false)]
    public void Text_survives_a_round_trip(string text, bool isV4)
    {
        var ip = Ip.Parse(text);
        Assert.Equal(text, ip.ToString());
        Assert.Equal(isV4, ip.IsV4);
        Assert.Equal(ip, Ip.FromBytes(ip.ToFamilyBytes()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("10.0.0")]
    [InlineData("010.0.0.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("fe80::1%eth0")]
    [InlineData("host")]
    public void Text_that_is_no_address_is_refused(string text) => Assert.False(Ip.TryParse(text, out _));

    [Fact]
    public void V4_is_held_in_mapped_form()
    {
        Span<byte> bytes = stackalloc byte[Ip.Size];
        Ip.Parse("1.2.3.4").Write(bytes);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4], bytes.ToArray());
    }

    [Theory]
    [InlineData("169.254.1.1", true)]
    [InlineData("169.253.1.1", false)]
    [InlineData("fe80::1", true)]
    [InlineData("febf::1", true)]
    [InlineData("fec0::1", false)]
    public void Link_local_is_known(string text, bool expected) => Assert.Equal(expected, Ip.Parse(text).IsLinkLocal);
}
