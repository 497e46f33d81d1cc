using Weft.Bench.Results;

namespace Weft.Bench.Traffic;

/// <summary>The same traffic over two paths, in turns.</summary>
internal static class Turns
{
    public static Comparison Compare(
        Settings settings,
        TrafficKind kind,
        bool v4,
        string name,
        string against,
        TrafficPath baseline,
        TrafficPath weft,
        CancellationToken cancel
    )
    {
        List<(double, double?)> before = [];
        List<(double, double?)> after = [];
        for (var i = 0; i < settings.Rounds; i++)
        {
            cancel.ThrowIfCancellationRequested();

            // Who goes first changes, so that a slow drift of the machine cancels out.
            var first = Run(i % 2 == 0 ? baseline : weft);
            var second = Run(i % 2 == 0 ? weft : baseline);
            var (b, w) = i % 2 == 0 ? (first, second) : (second, first);
            before.Add((b.Value, b.Tail));
            after.Add((w.Value, w.Tail));
        }

        return Comparison.OfRounds(Names.Traffic(name, kind.Name, v4 ? "v4" : "v6"), against, kind.Unit, before, after);

        Round Run(TrafficPath path) => TrafficRound.Run(kind, path, v4, settings.Cores, settings.RoundTime);
    }
}
