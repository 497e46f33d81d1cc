using Weft.Net;

namespace Weft.Tests.Unit.Net;

public sealed class PrefixTests
{
    [Theory]
    [InlineData("10.1.2.3/24", "10.1.2.0", "10.1.2.255", 120)]
    [InlineData("0.0.0.0/0", "0.0.0.0", "255.255.255.255", 96)]
    [InlineData("fd00::5/64", "fd00::", "fd00::ffff:ffff:ffff:ffff", 64)]
    [InlineData("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0)]
    [InlineData("10.0.0.1/32", "10.0.0.1", "10.0.0.1", 128)]
    public void Bounds_and_mapped_length(string text, string first, string last, int mappedLength)
    {
        var prefix = Prefix.Parse(text);
        Assert.Equal(first, prefix.First.ToString());
        Assert.Equal(last, prefix.Last.ToString());
        Assert.Equal(mappedLength, prefix.MappedLength);
    }

    [Theory]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("fd00::/129")]
    [InlineData("/8")]
    public void Text_that_is_no_prefix_is_refused(string text) => Assert.False(Prefix.TryParse(text, out _));

    [Fact]
    public void A_v4_prefix_never_contains_a_v6_address()
    {
        Assert.False(Prefix.Parse("0.0.0.0/0").Contains(Ip.Parse("::1")));
        Assert.False(Prefix.Parse("::/0").Contains(Ip.Parse("10.0.0.1")));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", true)]
    [InlineData("10.0.0.0/16", "10.1.0.0/16", false)]
    [InlineData("::/0", "10.0.0.0/8", false)]
    public void Overlap(string a, string b, bool expected) =>
        Assert.Equal(expected, Prefix.Parse(a).Overlaps(Prefix.Parse(b)));
}
