using Weft.Lab;
using Weft.Net;

namespace Weft.Tests.Unit.Lab;

public sealed class AddressPlanTests
{
    [Fact]
    public void Both_families_of_a_node_spell_its_number()
    {
        Assert.Equal(["192.0.2.12/24", "fd00:c0::12/64"], AddressPlan.OfNode(2).Select(p => p.ToString()));
        Assert.Equal(["10.244.16.0/24", "fd00:10:244:16::/64"], AddressPlan.PodCidrsOf(16).Select(p => p.ToString()));
    }

    [Fact]
    public void Nothing_overlaps_in_the_largest_lab()
    {
        var all = Enumerable
            .Range(1, AddressPlan.MaxNodes)
            .SelectMany(n => AddressPlan.OfNode(n).Select(p => p.Address.ToPrefix()).Concat(AddressPlan.PodCidrsOf(n)))
            .Concat(AddressPlan.Gateway.Select(g => g.Address.ToPrefix()))
            .Concat(AddressPlan.World.Select(w => w.ToPrefix()))
            .ToList();
        for (var i = 0; i < all.Count; i++)
        {
            Assert.DoesNotContain(all.Skip(i + 1), other => other.Overlaps(all[i]));
        }
    }

    [Fact]
    public void Every_node_is_on_link_with_its_gateway_and_the_world_is_not()
    {
        foreach (var (address, gateway) in AddressPlan.OfNode(AddressPlan.MaxNodes).Zip(AddressPlan.Gateway))
        {
            Assert.True(gateway.Contains(address.Address));
            Assert.DoesNotContain(AddressPlan.World, w => gateway.Contains(w));
        }
    }

    [Fact]
    public void Addresses_are_text_that_reads_back() =>
        Assert.All(AddressPlan.OfNode(100), p => Assert.Equal(p, Prefix.Parse(p.ToString())));
}
