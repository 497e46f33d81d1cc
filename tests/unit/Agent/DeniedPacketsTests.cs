using Weft.Agent.Metrics;
using Weft.Contracts;
using Weft.Metrics;

namespace Weft.Tests.Unit.Agent;

public sealed class DeniedPacketsTests
{
    private static readonly PolicySetName Both = new(7, ["shop/in", "shop/all"], ["shop/out"]);

    [Fact]
    public void A_denial_counts_for_each_policy_that_isolates_the_pod_in_its_direction() =>
        Assert.Equal(
            ["egress shop out false 2", "ingress shop all false 3", "ingress shop in false 3"],
            Told(new DeniedPackets([]).Read([Denial(3), Denial(2, direction: "egress")], _ => true))
        );

    [Fact]
    public void What_was_there_at_the_start_does_not_count_and_what_is_added_does()
    {
        var denied = new DeniedPackets([Denial(10)]);
        Assert.Empty(denied.Read([Denial(10)], _ => true));
        Assert.Equal(
            ["ingress shop all false 2", "ingress shop in false 2"],
            Told(denied.Read([Denial(12)], _ => true))
        );
    }

    [Fact]
    public void An_entry_that_was_forgotten_and_came_again_counts_from_the_start()
    {
        var denied = new DeniedPackets([Denial(10)]);
        Assert.Equal(
            ["ingress shop all false 4", "ingress shop in false 4"],
            Told(denied.Read([Denial(4)], _ => true))
        );
    }

    [Fact]
    public void Audited_packets_are_told_apart() =>
        Assert.Contains(
            "ingress shop in true 1",
            Told(new DeniedPackets([]).Read([Denial(1, audit: true)], _ => true))
        );

    [Fact]
    public void A_policy_that_is_gone_has_no_series() =>
        Assert.Equal(
            ["ingress shop all false 1"],
            Told(new DeniedPackets([]).Read([Denial(1)], policy => policy != "shop/in"))
        );

    [Fact]
    public void With_more_policies_than_series_the_quietest_ones_are_one()
    {
        var policies = Enumerable.Range(0, 2 * DeniedPackets.MostSeries).Select(i => $"shop/p{i}").ToList();
        var samples = new DeniedPackets([]).Read(
            [Denial(5, set: new PolicySetName(7, policies, [])), Denial(1, port: 81)],
            _ => true
        );
        Assert.Equal(DeniedPackets.MostSeries, samples.Count);
        Assert.All(samples[^1].Labels, label => Assert.Equal("other", label));
        Assert.Equal((5.0 * policies.Count) + 2, samples.Sum(sample => sample.Value));
    }

    private static IEnumerable<string> Told(IEnumerable<Sample> samples) =>
        samples.Select(sample => $"{string.Join(' ', sample.Labels)} {sample.Value}").Order(StringComparer.Ordinal);

    private static DenialState Denial(
        ulong packets,
        string direction = "ingress",
        bool audit = false,
        PolicySetName? set = null,
        ushort port = 80
    ) =>
        new(
            DateTimeOffset.UnixEpoch,
            packets,
            direction,
            "10.244.0.7",
            null,
            "10.244.1.4",
            null,
            300,
            6,
            port,
            audit,
            set ?? Both
        );
}
