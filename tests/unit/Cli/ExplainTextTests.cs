using Weft.Cli.Explaining;
using Weft.Contracts;
using Weft.Policy.Explanations;
using Weft.Policy.Rules;

namespace Weft.Tests.Unit.Cli;

public sealed class ExplainTextTests
{
    [Theory]
    [InlineData(SideOutcome.Allowed, PolicyVerdict.Allowed, false)]
    [InlineData(SideOutcome.Allowed, PolicyVerdict.Denied, true)]
    [InlineData(SideOutcome.Denied, PolicyVerdict.Denied, false)]
    [InlineData(SideOutcome.Denied, PolicyVerdict.NotIsolated, true)]
    [InlineData(SideOutcome.NotIsolated, PolicyVerdict.NotIsolated, false)]
    [InlineData(SideOutcome.NotIsolated, PolicyVerdict.Allowed, true)]
    [InlineData(SideOutcome.OwnNode, PolicyVerdict.OwnNode, false)]
    public void Maps_and_objects_differ_when_packets_would_fare_otherwise(
        SideOutcome objects,
        PolicyVerdict maps,
        bool differ
    ) =>
        Assert.Equal(
            differ,
            Comparison.Differs(
                new SideVerdict(Direction.Ingress, objects, null, [], Audited: false),
                new PolicySide(maps, null, 300, 301, Audit: false, null, null)
            )
        );

    [Fact]
    public void A_denial_names_the_policies_and_a_difference_the_node() =>
        Assert.Equal(
            [
                "shop/web (10.244.0.7) to shop/db (10.244.1.4) 5432/TCP: denied",
                "  egress of shop/web: allowed, no policy isolates it in this direction",
                "  ingress of shop/db: denied, shop/in and shop/all select it and no rule of them allows it",
                "  DIFFERS: the maps of node2 say of ingress: allowed by shop/in ingress[0]",
            ],
            ExplainText.Of(
                new ExplainResult(
                    "shop/web",
                    "shop/db",
                    "TCP",
                    5432,
                    [
                        new ExplainedConnection(
                            "10.244.0.7",
                            "10.244.1.4",
                            Allowed: false,
                            Differs: true,
                            new ExplainedSide("NotIsolated", null, [], false, null, null, false),
                            new ExplainedSide(
                                "Denied",
                                null,
                                ["shop/in", "shop/all"],
                                false,
                                "node2",
                                new PolicySide(
                                    PolicyVerdict.Allowed,
                                    null,
                                    300,
                                    301,
                                    false,
                                    null,
                                    "shop/in ingress[0]"
                                ),
                                true
                            )
                        ),
                    ]
                )
            )
        );

    [Fact]
    public void Denials_name_pods_and_the_policies_of_the_direction() =>
        Assert.Equal(
            """
            LAST      PACKETS  FROM      TO          PORT    DENIED BY       POLICIES
            00:00:00  1        shop/web  shop/db     80/TCP  ingress         shop/in
            00:00:00  1        shop/db   10.244.0.7  53/UDP  egress (audit)  shop/out
            """,
            DenialsCommand.Render([
                new NodeDenial("node1", "shop/web", Denial("ingress", 6, 80, audit: false)),
                new NodeDenial("node1", null, Denial("egress", 17, 53, audit: true)),
            ])
        );

    private static DenialState Denial(string direction, byte protocol, ushort port, bool audit) =>
        new(
            DateTimeOffset.UnixEpoch,
            1,
            direction,
            "10.244.1.4",
            new PodReference("shop", "db", null),
            "10.244.0.7",
            null,
            300,
            protocol,
            port,
            audit,
            new PolicySetName(1, ["shop/in"], ["shop/out"])
        );

    [Fact]
    public void Endpoints_of_a_Service_that_fare_alike_are_told_of_once() =>
        Assert.Equal(
            [
                "shop/web to Service shop/db at 10.96.0.9:5432/TCP, by node1: goes to one of 3",
                "  shop/db:5432: 3 endpoints",
                "  shop/web (10.244.0.7) to shop/db-0 (10.244.0.8) 15432/TCP: allowed",
                "    egress of shop/web: allowed, no policy isolates it in this direction",
                "    ingress of shop/db-0: allowed, no policy isolates it in this direction",
                "    by the objects alone: no agent that has one of these pods can be asked from here",
                "    likewise to shop/db-1 (10.244.1.8)",
                "  shop/web (10.244.0.7) to shop/db-2 (10.244.2.8) 15432/TCP: denied",
                "    egress of shop/web: allowed, no policy isolates it in this direction",
                "    ingress of shop/db-2: denied, shop/in selects it and no rule of it allows it",
                "    by the objects alone: no agent that has one of these pods can be asked from here",
            ],
            ExplainText.Of(
                new ExplainResult(
                    "shop/web",
                    "shop/db",
                    "TCP",
                    5432,
                    [],
                    [
                        new ExplainedService(
                            "10.96.0.9:5432/TCP",
                            "node1",
                            "Forward",
                            "shop/db:5432: 3 endpoints",
                            null,
                            [ToEndpoint(0, denied: false), ToEndpoint(1, denied: false), ToEndpoint(2, denied: true)]
                        ),
                    ]
                )
            )
        );

    [Fact]
    public void A_node_that_serves_a_Service_otherwise_is_a_difference()
    {
        var service = new ExplainedService("10.96.0.9:80/TCP", "node1", "Reject", "no endpoints", "2 backends", []);
        var result = new ExplainResult("shop/web", "shop/db", "TCP", 80, [], [service]);
        Assert.True(result.Differs);
        Assert.Contains("  DIFFERS: the maps of node1 say: 2 backends", ExplainText.Of(result));
        Assert.False((result with { Services = [service with { Difference = null }] }).Differs);
    }

    private static ExplainResult ToEndpoint(int number, bool denied) =>
        new(
            "shop/web",
            $"shop/db-{number}",
            "TCP",
            15432,
            [
                new ExplainedConnection(
                    "10.244.0.7",
                    $"10.244.{number}.8",
                    Allowed: !denied,
                    Differs: false,
                    new ExplainedSide("NotIsolated", null, [], false, null, null, false),
                    denied
                        ? new ExplainedSide("Denied", null, ["shop/in"], false, null, null, false)
                        : new ExplainedSide("NotIsolated", null, [], false, null, null, false)
                ),
            ]
        );
}
