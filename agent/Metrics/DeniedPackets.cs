using Weft.Contracts;
using Weft.Metrics;

namespace Weft.Agent.Metrics;

/// <summary>
/// Packets that policies denied, by policy. A denial is by no policy alone: all that isolate the pod in that direction
/// lack a rule for it, so it counts for each of them. The map of denials forgets and this does not: what is new in it is
/// added up, reading by reading, since the agent's start.
/// </summary>
internal sealed class DeniedPackets
{
    /// <summary>Of the bound on the series of a metric, see docs/metrics.md.</summary>
    internal const int MostSeries = 512;

    private const string Other = "other";
    private readonly Lock gate = new();
    private readonly Dictionary<PolicyLabels, ulong> totals = [];
    private Dictionary<object, ulong> seen;

    /// <param name="before">What the map holds of before.</param>
    public DeniedPackets(IReadOnlyList<DenialState> before) => seen = Packets(before);

    /// <summary>Adds what is new, and tells all: at most so many series, those with the fewest packets as one.</summary>
    /// <param name="denials">What the map holds now.</param>
    /// <param name="follows">Whether there is a policy of this name, namespace/name.</param>
    public IReadOnlyList<Sample> Read(IReadOnlyList<DenialState> denials, Func<string, bool> follows)
    {
        lock (gate)
        {
            foreach (var denial in denials)
            {
                Add(denial);
            }

            seen = Packets(denials);
            foreach (var gone in totals.Keys.Where(labels => !follows(labels.Policy)).ToList())
            {
                totals.Remove(gone);
            }

            var most = totals.OrderByDescending(total => total.Value).ToList();
            var others = most.Skip(MostSeries - 1).Sum(total => (double)total.Value);
            return
            [
                .. most.Take(MostSeries - 1).Select(total => total.Key.Sample(total.Value)),
                .. others > 0 ? (Sample[])[new Sample(others, Other, Other, Other, Other)] : [],
            ];
        }
    }

    private void Add(DenialState denial)
    {
        // An entry that was forgotten and came again counts from the start.
        var known = seen.GetValueOrDefault(KeyOf(denial));
        var news = denial.Packets >= known ? denial.Packets - known : denial.Packets;
        if (news == 0)
        {
            return;
        }

        foreach (var policy in denial.Direction == "ingress" ? denial.Set.Ingress : denial.Set.Egress)
        {
            var labels = new PolicyLabels(denial.Direction, policy, denial.Audit);
            totals[labels] = totals.GetValueOrDefault(labels) + news;
        }
    }

    private static Dictionary<object, ulong> Packets(IReadOnlyList<DenialState> denials) =>
        denials.ToDictionary(KeyOf, denial => denial.Packets);

    private static object KeyOf(DenialState denial) =>
        (denial.PodAddress, denial.PeerAddress, denial.Protocol, denial.Port, denial.Direction);

    private readonly record struct PolicyLabels(string Direction, string Policy, bool Audited)
    {
        public Sample Sample(double value) =>
            Policy.Split('/') is [var space, var name]
                ? new Sample(value, Direction, space, name, Audited ? "true" : "false")
                : throw new FormatException($"\"{Policy}\" is no name of a policy");
    }
}
