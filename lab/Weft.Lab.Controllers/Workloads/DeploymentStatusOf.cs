using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers.Workloads;

/// <summary>What a Deployment's status says, so that `kubectl rollout status` and `kubectl wait` know when it is done.</summary>
internal static class DeploymentStatusOf
{
    private const string Available = "Available";
    private const string Progressing = "Progressing";
    private const string Done = "NewReplicaSetAvailable";

    public static DeploymentStatus Build(
        Deployment deployment,
        ReplicaSet? newest,
        IReadOnlyList<ReplicaSet> old,
        DateTimeOffset now
    )
    {
        List<ReplicaSet> all = newest is null ? [.. old] : [.. old, newest];
        var wanted = deployment.Spec!.Replicas ?? 1;
        var replicas = all.Sum(s => s.Status?.Replicas ?? 0);
        var available = all.Sum(s => s.Status?.AvailableReplicas ?? 0);
        var status = new DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = replicas,
            UpdatedReplicas = newest?.Status?.Replicas ?? 0,
            ReadyReplicas = all.Sum(s => s.Status?.ReadyReplicas ?? 0),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, all.Sum(s => s.Spec?.Replicas ?? 0) - available),
        };

        var enough =
            available >= wanted - Rollout.Limits(deployment.Spec.Strategy?.RollingUpdate, wanted).MaxUnavailable;
        return status with
        {
            Conditions =
            [
                Next(
                    Available,
                    enough,
                    enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                    enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability."
                ),
                Progress(),
            ],
        };

        DeploymentCondition Progress()
        {
            var name = newest?.Metadata.Name;
            var before = deployment.Status?.Conditions?.FirstOrDefault(c => c.Type == Progressing);
            if (
                newest is not null
                && status.UpdatedReplicas == wanted
                && replicas == wanted
                && available == wanted
                && newest.Spec?.Replicas == wanted
            )
            {
                return Next(Progressing, true, Done, $"ReplicaSet \"{name}\" has successfully progressed.");
            }

            var moved =
                before is null
                || before.Reason == Done
                || status with { Conditions = null } != (deployment.Status ?? new()) with { Conditions = null };
            if (!moved && Deadline(deployment, deployment.Status!) <= now)
            {
                return Next(
                    Progressing,
                    false,
                    "ProgressDeadlineExceeded",
                    $"ReplicaSet \"{name}\" has timed out progressing."
                );
            }

            var next = Next(Progressing, true, "ReplicaSetUpdated", $"ReplicaSet \"{name}\" is progressing.");
            return moved ? next with { LastUpdateTime = now } : next;
        }

        DeploymentCondition Next(string type, bool isTrue, string reason, string message)
        {
            var before = deployment.Status?.Conditions?.FirstOrDefault(c => c.Type == type);
            var text = isTrue ? "True" : "False";
            return new DeploymentCondition
            {
                Type = type,
                Status = text,
                Reason = reason,
                Message = message,
                LastUpdateTime = before?.Reason == reason ? before.LastUpdateTime : now,
                LastTransitionTime = before?.Status == text ? before.LastTransitionTime : now,
            };
        }
    }

    /// <summary>When a roll-out that moves no further has failed; null when it is done or has failed.</summary>
    public static DateTimeOffset? Deadline(Deployment deployment, DeploymentStatus status) =>
        status.Conditions?.FirstOrDefault(c => c.Type == Progressing)
            is { Status: "True", Reason: not Done } progressing
            ? progressing.LastUpdateTime?.AddSeconds(deployment.Spec!.ProgressDeadlineSeconds ?? 600)
            : null;

    public static bool Differs(DeploymentStatus status, DeploymentStatus? before) =>
        before is null
        || status with
        {
            Conditions = null,
            CollisionCount = null,
        } != before with { Conditions = null, CollisionCount = null }
        || !status.Conditions!.SequenceEqual(before.Conditions ?? []);
}
