namespace Weft.Bench.Results;

/// <summary>One side of a comparison.</summary>
/// <param name="Value">The median.</param>
/// <param name="Tail">The 99th percentile; null for a rate.</param>
/// <param name="Low">The lower quartile.</param>
/// <param name="High">The upper quartile.</param>
internal sealed record Side(double Value, double? Tail, double Low, double High)
{
    /// <summary>From single measurements.</summary>
    public static Side OfSamples(IReadOnlyList<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        return new(sorted.Quantile(0.5), sorted.Quantile(0.99), sorted.Quantile(0.25), sorted.Quantile(0.75));
    }

    /// <summary>From rounds that have a value and a tail each.</summary>
    public static Side OfRounds(IReadOnlyList<(double Value, double? Tail)> rounds)
    {
        double[] sorted = [.. rounds.Select(r => r.Value).Order()];
        double[] tails = [.. rounds.Where(r => r.Tail is not null).Select(r => r.Tail!.Value).Order()];
        return new(
            sorted.Quantile(0.5),
            tails.Length > 0 ? tails.Quantile(0.5) : null,
            sorted.Quantile(0.25),
            sorted.Quantile(0.75)
        );
    }
}

/// <summary>Weft beside what it is measured against, in turns, in one run.</summary>
/// <param name="Name">What later runs find it by.</param>
/// <param name="Against">What the baseline is.</param>
/// <param name="Unit">Of both sides.</param>
/// <param name="Ratio">Weft's value by the baseline's.</param>
/// <param name="RatioLow">Lower quartile of the ratios of the single turns.</param>
/// <param name="RatioHigh">Upper quartile of the ratios of the single turns.</param>
internal sealed record Comparison(
    string Name,
    string Against,
    string Unit,
    Side Baseline,
    Side Weft,
    double Ratio,
    double RatioLow,
    double RatioHigh
)
{
    /// <summary>From single measurements in pairs: the ratio is that of the medians.</summary>
    public static Comparison OfPairs(
        string name,
        string against,
        string unit,
        IReadOnlyList<double> baseline,
        IReadOnlyList<double> weft
    )
    {
        var (b, w) = (Side.OfSamples(baseline), Side.OfSamples(weft));
        double[] ratios = [.. weft.Zip(baseline, (mine, other) => mine / other).Order()];
        return new(name, against, unit, b, w, w.Value / b.Value, ratios.Quantile(0.25), ratios.Quantile(0.75));
    }

    /// <summary>From rounds: the ratio is the median of the rounds' ratios.</summary>
    public static Comparison OfRounds(
        string name,
        string against,
        string unit,
        IReadOnlyList<(double Value, double? Tail)> baseline,
        IReadOnlyList<(double Value, double? Tail)> weft
    )
    {
        double[] ratios = [.. weft.Zip(baseline, (mine, other) => mine.Value / other.Value).Order()];
        return new(
            name,
            against,
            unit,
            Side.OfRounds(baseline),
            Side.OfRounds(weft),
            ratios.Quantile(0.5),
            ratios.Quantile(0.25),
            ratios.Quantile(0.75)
        );
    }
}

/// <summary>A number that has no baseline.</summary>
internal sealed record Quantity(string Name, double Amount, string Unit);

/// <summary>What one BPF program costs on a path, by the kernel's statistics, whose own cost is in it.</summary>
internal sealed record ProgramCost(string Path, string Program, double RunsPerTransaction, double NsPerRun);

internal static class Quantiles
{
    /// <summary>Of numbers in order, the nearest one.</summary>
    public static double Quantile(this double[] sorted, double quantile) =>
        sorted[(int)Math.Round(quantile * (sorted.Length - 1))];
}
