using System.Globalization;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers.Workloads;

/// <summary>How large a Deployment's ReplicaSets are to be next (Kubernetes' "Deployments", Rolling Update).</summary>
internal static class Rollout
{
    /// <param name="Name">Of the ReplicaSet.</param>
    /// <param name="Wanted">Replicas it is told to have.</param>
    /// <param name="Available">Of those it has.</param>
    public readonly record struct Size(string Name, int Wanted, int Available);

    /// <summary>Percentages of the replicas: of surge rounded up, of unavailable down; never both 0, or nothing moves.</summary>
    public static (int MaxSurge, int MaxUnavailable) Limits(RollingUpdate? limits, int replicas)
    {
        var surge = Of(limits?.MaxSurge ?? new IntOrString("25%"), replicas, roundUp: true);
        var unavailable = Of(limits?.MaxUnavailable ?? new IntOrString("25%"), replicas, roundUp: false);
        return (surge, surge == 0 && unavailable == 0 ? 1 : Math.Min(unavailable, replicas));
    }

    /// <summary>A number, or a percentage of another.</summary>
    public static int Of(IntOrString value, int all, bool roundUp)
    {
        if (value.Text is not { } text)
        {
            return value.Number;
        }

        var share = int.Parse(text.TrimEnd('%'), CultureInfo.InvariantCulture) * all;
        return roundUp ? (share + 99) / 100 : share / 100;
    }

    /// <summary>The sizes that change, the new set's first.</summary>
    /// <param name="replicas">The Deployment's.</param>
    /// <param name="limits">Of surge and unavailability.</param>
    /// <param name="newest">The set of the current template.</param>
    /// <param name="old">The others, oldest first.</param>
    public static IEnumerable<(string Name, int Wanted)> Next(
        int replicas,
        (int MaxSurge, int MaxUnavailable) limits,
        Size newest,
        IReadOnlyList<Size> old
    )
    {
        var room = replicas + limits.MaxSurge - newest.Wanted - old.Sum(s => s.Wanted);
        var grown =
            newest.Wanted > replicas ? replicas : newest.Wanted + Math.Max(0, Math.Min(room, replicas - newest.Wanted));
        if (grown != newest.Wanted)
        {
            yield return (newest.Name, grown);
        }

        // Pods of the new set that are not available yet count as missing: old ones stay for them.
        var spare =
            grown
            + old.Sum(s => s.Wanted)
            - (replicas - limits.MaxUnavailable)
            - (grown - Math.Min(grown, newest.Available));

        // Those of the old that serve nobody go first, of whatever set; then the oldest set's.
        var less = old.Select(s => Math.Max(0, s.Wanted - s.Available)).ToArray();
        for (var i = 0; i < old.Count; i++)
        {
            less[i] = Math.Clamp(less[i], 0, Math.Max(0, spare));
            spare -= less[i];
        }

        for (var i = 0; i < old.Count; i++)
        {
            var more = Math.Clamp(old[i].Wanted - less[i], 0, Math.Max(0, spare));
            spare -= more;
            if (less[i] + more > 0)
            {
                yield return (old[i].Name, old[i].Wanted - less[i] - more);
            }
        }
    }
}
