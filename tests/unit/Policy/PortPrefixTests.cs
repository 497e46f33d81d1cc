using Weft.Policy.Entries;
using Weft.Policy.Rules;

namespace Weft.Tests.Unit.Policy;

public sealed class PortPrefixTests
{
    [Theory]
    [InlineData(0, 65535)]
    [InlineData(80, 80)]
    [InlineData(1, 65535)]
    [InlineData(1, 65534)]
    [InlineData(8000, 8080)]
    [InlineData(32768, 65535)]
    [InlineData(65535, 65535)]
    public void Prefixes_cover_exactly_the_range(int first, int last)
    {
        var prefixes = PortPrefix.Cover(new PortRange((ushort)first, (ushort)last)).ToList();
        Assert.InRange(prefixes.Count, 1, 30);
        for (var port = 0; port <= ushort.MaxValue; port++)
        {
            Assert.Equal(
                port >= first && port <= last ? 1 : 0,
                prefixes.Count(prefix => prefix.Contains((ushort)port))
            );
        }
    }

    [Fact]
    public void All_ports_are_one_prefix() => Assert.Equal([new PortPrefix(0, 0)], PortPrefix.Cover(PortRange.All));
}
