using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers.Scheduling;

/// <summary>Whether a node takes a pod: its labels, its taints, its readiness.</summary>
internal static class Fit
{
    private const string NotReady = "node.kubernetes.io/not-ready";
    private const string Unschedulable = "node.kubernetes.io/unschedulable";

    /// <param name="pod">What its pods are like.</param>
    /// <param name="node">The node.</param>
    /// <param name="there">The pod is on it already: then only what would drive it away counts.</param>
    /// <returns>Why not, in the words of the real scheduler, or null.</returns>
    public static string? Problem(PodSpec pod, Node node, bool there = false)
    {
        if (pod.NodeSelector?.Any(s => node.Metadata.Labels?.GetValueOrDefault(s.Key) != s.Value) == true)
        {
            return "node(s) didn't match Pod's node affinity/selector";
        }

        var keeping = Taints(node)
            .FirstOrDefault(taint =>
                (taint.Effect == "NoExecute" || (taint.Effect == "NoSchedule" && !there))
                && !(pod.Tolerations ?? []).Any(t => Tolerates(t, taint))
            );
        return keeping is null ? null
            : keeping.Key == Unschedulable ? "node(s) were unschedulable"
            : $"node(s) had untolerated taint {{{keeping.Key}: {keeping.Value}}}";
    }

    public static bool Tolerates(Toleration toleration, Taint taint) =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && (
            string.IsNullOrEmpty(toleration.Key)
                ? toleration.Operator == "Exists"
                : toleration.Key == taint.Key
                    && (toleration.Operator == "Exists" || (toleration.Value ?? "") == (taint.Value ?? ""))
        );

    /// <summary>Those it has, and those that Kubernetes' node controllers give a node that is cordoned or not ready.</summary>
    private static IEnumerable<Taint> Taints(Node node)
    {
        IEnumerable<Taint> taints = node.Spec?.Taints ?? [];
        if (node.Spec?.Unschedulable == true)
        {
            taints = taints.Append(new Taint { Key = Unschedulable, Effect = "NoSchedule" });
        }

        return node.Status?.Conditions?.Any(c => c.Type == "Ready" && c.Status == "True") == true
            ? taints
            : taints.Append(new Taint { Key = NotReady, Effect = "NoSchedule" });
    }
}
