using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers.Workloads;

/// <summary>What counts of a pod's status.</summary>
internal static class PodHealth
{
    /// <summary>Neither done nor on its way out.</summary>
    public static bool IsActive(this Pod pod) =>
        pod.Status?.Phase is not ("Succeeded" or "Failed") && pod.Metadata.DeletionTimestamp is null;

    public static bool IsReady(this Pod pod) => Ready(pod)?.Status == "True";

    /// <summary>When it is, or will be, ready for long enough; null when it is not ready.</summary>
    public static DateTimeOffset? AvailableAt(this Pod pod, int minReadySeconds) =>
        Ready(pod) is { Status: "True" } ready
            ? (ready.LastTransitionTime ?? DateTimeOffset.MinValue).AddSeconds(minReadySeconds)
            : null;

    /// <summary>Those to end first come first: what serves least is missed least, and the youngest have least to lose.</summary>
    public static IEnumerable<Pod> LeastMissedFirst(this IEnumerable<Pod> pods) =>
        pods.OrderBy(pod => pod.Spec?.NodeName is not null)
            .ThenBy(pod => pod.Status?.Phase == "Running")
            .ThenBy(pod => pod.IsReady())
            .ThenByDescending(pod => pod.Metadata.CreationTimestamp);

    private static PodCondition? Ready(Pod pod) => pod.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready");
}
