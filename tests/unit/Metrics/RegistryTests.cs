using Weft.Metrics;
using Weft.Tests.Metrics;

namespace Weft.Tests.Unit.Metrics;

public sealed class RegistryTests
{
    private readonly Registry registry = new();

    [Fact]
    public void Every_kind_of_metric_is_written_as_the_format_says()
    {
        var counter = registry.Counter("b_total", "Two\nlines and a \\.", "what");
        counter.Increment("a \"quoted\" \\ and\nbroken text");
        counter.Increment("other");
        counter.Increment("other");
        registry.Gauge("a_ratio", "A number.", () => 0.25);
        registry.Histogram("c_seconds", "Durations.", [0.1, 2.5]).Observe(TimeSpan.FromSeconds(1));
        Assert.Equal(
            """
            # HELP a_ratio A number.
            # TYPE a_ratio gauge
            a_ratio 0.25
            # HELP b_total Two\nlines and a \\.
            # TYPE b_total counter
            b_total{what="a \"quoted\" \\ and\nbroken text"} 1
            b_total{what="other"} 2
            # HELP c_seconds Durations.
            # TYPE c_seconds histogram
            c_seconds_bucket{le="0.1"} 0
            c_seconds_bucket{le="2.5"} 1
            c_seconds_bucket{le="+Inf"} 1
            c_seconds_sum 1
            c_seconds_count 1

            """.ReplaceLineEndings("\n"),
            registry.Write()
        );
        ExpositionText.Parse(registry.Write());
    }

    [Fact]
    public void A_duration_of_a_bound_counts_below_it_and_one_beyond_all_only_in_the_last()
    {
        var histogram = registry.Histogram("d_seconds", "Durations.", [0.1, 1], "of");
        histogram.Observe(TimeSpan.FromSeconds(0.1), "x");
        histogram.Observe(TimeSpan.FromSeconds(5), "x");
        var text = ExpositionText.Parse(registry.Write());
        Assert.Equal(1, text["d_seconds_bucket{of=\"x\",le=\"0.1\"}"]);
        Assert.Equal(1, text["d_seconds_bucket{of=\"x\",le=\"1\"}"]);
        Assert.Equal(2, text["d_seconds_bucket{of=\"x\",le=\"+Inf\"}"]);
        Assert.Equal(5.1, text["d_seconds_sum{of=\"x\"}"]);
    }

    [Fact]
    public void A_counter_without_labels_begins_at_0()
    {
        registry.Counter("e_total", "Events.");
        Assert.Equal(0, ExpositionText.Parse(registry.Write())["e_total"]);
    }

    [Fact]
    public void What_comes_after_the_last_series_is_counted_as_other()
    {
        var counter = registry.Counter("f_total", "Events.", "name");
        for (var i = 0; i < 2000; i++)
        {
            counter.Increment($"n{i}");
        }

        var text = ExpositionText.Parse(registry.Write());
        Assert.Equal(513, text.SeriesOf("f_total").Count());
        Assert.Equal(2000 - 512, text["f_total{name=\"other\"}"]);
    }

    [Theory]
    [InlineData("events")]
    [InlineData("Events_total")]
    [InlineData("events-total")]
    public void A_counter_is_named_as_one(string name) =>
        Assert.Throws<ArgumentException>(() => registry.Counter(name, "Events."));

    [Fact]
    public void A_name_is_given_once()
    {
        registry.Counter("g_total", "Events.");
        Assert.Throws<ArgumentException>(() => registry.Counter("g_total", "Events."));
    }
}
