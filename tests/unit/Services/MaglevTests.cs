using Weft.Net;
using Weft.Services;

namespace Weft.Tests.Unit.Services;

public sealed class MaglevTests
{
    private static readonly TransportAddress[] Hundred =
    [
        .. Enumerable.Range(0, 100).Select(index => Backend($"10.{index % 7}.{index / 9}.{index}")),
    ];

    [Fact]
    public void Every_backend_has_the_same_share_within_a_percent()
    {
        var shares = Maglev.Table(Hundred).CountBy(backend => backend).Select(pair => pair.Value).ToList();
        Assert.Equal(100, shares.Count);
        Assert.All(shares, share => Assert.InRange(share, Maglev.DefaultSize * 0.0099, Maglev.DefaultSize * 0.0101));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(37)]
    [InlineData(99)]
    public void One_of_a_hundred_that_goes_moves_less_than_a_percent_of_the_others_slots(int gone)
    {
        TransportAddress[] left = [.. Hundred.Where((_, index) => index != gone)];
        var before = Maglev.Table(Hundred);
        var after = Maglev.Table(left);
        var others = Enumerable.Range(0, Maglev.DefaultSize).Where(slot => before[slot] != gone).ToList();
        var moved = others.Count(slot => Hundred[before[slot]] != left[after[slot]]);
        Assert.InRange((double)moved / others.Count, 0, 0.01);
    }

    [Fact]
    public void The_order_of_the_backends_does_not_matter()
    {
        TransportAddress[] reversed = [.. Hundred.Reverse()];
        Assert.Equal(
            Maglev.Table(Hundred, 1021).Select(index => Hundred[index]),
            Maglev.Table(reversed, 1021).Select(index => reversed[index])
        );
    }

    /// <summary>Nodes of different versions and processors must agree: this very table is part of the contract.</summary>
    [Fact]
    public void The_table_is_the_same_on_every_machine() =>
        Assert.Equal(
            "0111102222202201122021010001010",
            string.Concat(
                Maglev.Table([Backend("10.0.0.1"), Backend("10.0.0.2"), Backend("fd00::3")], 31).Select(i => $"{i}")
            )
        );

    [Fact]
    public void A_single_backend_has_every_slot_and_none_has_no_table()
    {
        Assert.All(Maglev.Table([Backend("10.0.0.1")], 251), index => Assert.Equal(0, index));
        Assert.Empty(Maglev.Table([], 251));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16384)]
    [InlineData(97)]
    public void A_size_that_is_not_prime_or_smaller_than_the_list_is_refused(int size) =>
        Assert.Throws<ArgumentException>(() => Maglev.Table(Hundred, size));

    private static TransportAddress Backend(string address) => new(Ip.Parse(address), 8080, Transport.Tcp);
}
