using System.Net.Sockets;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Netlink;

public sealed class RuleTests
{
    public static TheoryData<Rule> Rules { get; } =
    [
        new Rule
        {
            Family = AddressFamily.InterNetwork,
            Priority = 10,
            Mark = 0x200,
            Mask = 0xf00,
            Table = 2004,
        },
        new Rule
        {
            Family = AddressFamily.InterNetworkV6,
            Priority = 11,
            Mark = 0,
            Mask = 0xf00,
            Table = 100,
        },
        new Rule
        {
            Family = AddressFamily.InterNetwork,
            Priority = 12,
            Source = Prefix.Parse("10.9.0.0/24"),
            Destination = Prefix.Parse("10.8.0.0/16"),
            Table = 254,
        },
        new Rule
        {
            Family = AddressFamily.InterNetworkV6,
            Priority = 13,
            Source = Prefix.Parse("fd09::/64"),
            InputInterface = "weft1",
            Table = 2004,
        },
    ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_reads_back_and_goes_again(Rule rule)
    {
        using var host = new Scratch();
        host.Socket.Execute(new RouteBatch().AddRule(rule));
        Assert.Equal(rule, host.Socket.Rules().Single(r => r.Priority == rule.Priority));
        Assert.Throws<NetlinkException>(() => host.Socket.Execute(new RouteBatch().AddRule(rule)));
        host.Socket.Execute(new RouteBatch().DeleteRule(rule));
        Assert.DoesNotContain(host.Socket.Rules(), r => r.Priority == rule.Priority);
    }

    [Fact]
    public void The_rules_of_the_kernel_are_listed()
    {
        using var host = new Scratch();
        Assert.Equal(
            [255, 254, 253],
            host.Socket.Rules().Where(r => r.Family == AddressFamily.InterNetwork).Select(r => r.Table)
        );
    }
}
