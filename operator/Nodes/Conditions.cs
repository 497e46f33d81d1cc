using Weft.Kubernetes.Objects;

namespace Weft.Operator.Nodes;

/// <summary>metav1.Conditions that change only when what they say does.</summary>
internal static class Conditions
{
    /// <summary>The condition, with the time of the one before when the status is the same.</summary>
    public static Condition Of(
        IEnumerable<Condition>? before,
        string type,
        bool status,
        string reason,
        string message,
        long? generation,
        DateTimeOffset now
    )
    {
        var text = status ? "True" : "False";
        var old = before?.FirstOrDefault(condition => condition.Type == type);
        return new Condition
        {
            Type = type,
            Status = text,
            Reason = reason,
            Message = message,
            ObservedGeneration = generation,
            LastTransitionTime = old?.Status == text ? old.LastTransitionTime : WholeSeconds(now),
        };
    }

    /// <summary>True when the object says so already.</summary>
    public static bool Has(IEnumerable<Condition>? conditions, Condition wanted) =>
        conditions?.Contains(wanted) == true;

    /// <summary>metav1.Time has no fractions: with them, what is read back would differ from what was written.</summary>
    private static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
