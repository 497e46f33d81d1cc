using System.Globalization;
using Weft.Bench.ControlPlane;

namespace Weft.Bench;

/// <summary>The cores that the two ends of traffic are kept on.</summary>
internal sealed record Cores(int Client, int Server)
{
    /// <summary>One core for both: crossing over costs more than the paths do, and differs from machine to machine.</summary>
    public static Cores Default { get; } = new(Environment.ProcessorCount - 1, Environment.ProcessorCount - 1);

    /// <exception cref="BenchException">Not CLIENT,SERVER.</exception>
    public static Cores Parse(string text)
    {
        var numbers = text.Split(',');
        return
            numbers.Length == 2
            && int.TryParse(numbers[0], CultureInfo.InvariantCulture, out var client)
            && int.TryParse(numbers[1], CultureInfo.InvariantCulture, out var server)
            && Math.Min(client, server) >= 0
            && Math.Max(client, server) < Environment.ProcessorCount
            ? new Cores(client, server)
            : throw new BenchException(
                $"--cores is two numbers from 0 to {Environment.ProcessorCount - 1}, the client's and the server's, as in 1,1"
            );
    }

    public override string ToString() =>
        Client == Server ? $"client and server on core {Client}" : $"client on core {Client}, server on core {Server}";
}

/// <summary>What a run does.</summary>
/// <param name="Parts">Which parts of <see cref="PartNames"/>.</param>
/// <param name="Kinds">Which kinds of traffic of <see cref="KindNames"/>.</param>
/// <param name="BothFamilies">All traffic over IPv6 too, not TCP_RR on one node alone.</param>
/// <param name="Iterations">Pods made by each plugin.</param>
/// <param name="Rounds">Turns of each comparison of traffic.</param>
/// <param name="RoundTime">How long each side of a turn takes.</param>
/// <param name="Cluster">What operator and agent are measured in.</param>
/// <param name="Churn">What goes on there.</param>
internal sealed record Settings(
    IReadOnlySet<string> Parts,
    IReadOnlySet<string> Kinds,
    bool BothFamilies,
    int Iterations,
    int Rounds,
    TimeSpan RoundTime,
    Cores Cores,
    ClusterSize Cluster,
    ChurnRate Churn
)
{
    public static readonly string[] PartNames =
    [
        "add",
        "density",
        "same-node",
        "native",
        "vxlan",
        "policy",
        "policy-compile",
        "services",
        "services-sync",
        "xdp",
        "control-plane",
    ];
    public static readonly string[] KindNames = ["rr", "crr", "udp", "stream"];
    private static readonly string[] TrafficParts = PartNames[2..5];

    /// <summary>Parts and kinds from one list of both: kinds alone mean every path, paths alone every kind.</summary>
    /// <exception cref="BenchException">A name is neither.</exception>
    public static (IReadOnlySet<string> Parts, IReadOnlySet<string> Kinds) Choose(string? only)
    {
        if (only is null)
        {
            return (PartNames.ToHashSet(), KindNames.ToHashSet());
        }

        var names = only.Split(',');
        if (names.FirstOrDefault(name => !PartNames.Contains(name) && !KindNames.Contains(name)) is { } unknown)
        {
            throw new BenchException(
                $"--only knows no \"{unknown}\", but {string.Join(", ", PartNames)} and {string.Join(", ", KindNames)}"
            );
        }

        var parts = names.Intersect(PartNames).ToHashSet();
        var kinds = names.Intersect(KindNames).ToHashSet();
        if (kinds.Count == 0)
        {
            kinds = [.. KindNames];
        }
        else if (!parts.Overlaps(TrafficParts))
        {
            parts.UnionWith(TrafficParts);
        }

        return (parts, kinds);
    }
}
