using Weft.Kubernetes.Objects;
using Weft.Lab.Kubelet.Containers;

namespace Weft.Lab.Kubelet.Pods;

/// <summary>What is known of a pod on this node, as its status says it.</summary>
internal static class PodStatusOf
{
    private const string RuntimeName = "weft-lab";

    /// <param name="pod">The object.</param>
    /// <param name="before">What its status said until now: its times are kept where nothing changed.</param>
    /// <param name="node">The node's addresses, IPv4 first.</param>
    /// <param name="addresses">The pod's; empty before it has a network.</param>
    /// <param name="init">Init containers, in order.</param>
    /// <param name="main">The others.</param>
    /// <param name="startTime">When the kubelet took the pod up.</param>
    /// <param name="now">Time of the conditions that changed.</param>
    public static PodStatus Build(
        Pod pod,
        PodStatus? before,
        IReadOnlyList<string> node,
        IReadOnlyList<string> addresses,
        IReadOnlyList<ContainerView> init,
        IReadOnlyList<ContainerView> main,
        DateTimeOffset startTime,
        DateTimeOffset now
    )
    {
        var phase = PodPhase.Of(pod.Spec?.RestartPolicy, init, main);
        var final =
            phase == PodPhase.Succeeded ? "PodCompleted"
            : phase == PodPhase.Failed ? "PodFailed"
            : null;
        var initialized = init.All(c => c.Spec.RestartPolicy == "Always" ? c.Started : c.End is { ExitCode: 0 });
        List<string> unready = [.. main.Where(c => !c.Ready).Select(c => c.Name)];
        var notReady = final ?? (unready.Count == 0 ? null : "ContainersNotReady");
        var complaint =
            final is null && unready.Count > 0
                ? $"containers with unready status: [{string.Join(' ', unready)}]"
                : null;

        return new PodStatus
        {
            Phase = phase,
            Conditions =
            [
                Condition("PodReadyToStartContainers", addresses.Count > 0 && final is null, null, null),
                Condition(
                    "Initialized",
                    initialized,
                    initialized ? final : "ContainersNotInitialized",
                    initialized
                        ? null
                        : "containers with incomplete status: " + Names(init.Where(c => c.End is not { ExitCode: 0 }))
                ),
                Condition("Ready", notReady is null, notReady, complaint),
                Condition("ContainersReady", notReady is null, notReady, complaint),
                Condition("PodScheduled", true, null, null),
            ],
            HostIP = node[0],
            HostIPs = [.. node.Select(a => new PodIP { Ip = a })],
            PodIP = addresses.Count > 0 ? addresses[0] : null,
            PodIPs = addresses.Count > 0 ? [.. addresses.Select(a => new PodIP { Ip = a })] : null,
            StartTime = before?.StartTime ?? startTime,
            InitContainerStatuses = init.Count == 0 ? null : [.. init.Select(StatusOf)],
            ContainerStatuses = [.. main.Select(StatusOf)],
        };

        PodCondition Condition(string type, bool status, string? reason, string? message)
        {
            var last = before?.Conditions?.FirstOrDefault(c => c.Type == type);
            var text = status ? "True" : "False";
            return new PodCondition
            {
                Type = type,
                Status = text,
                Reason = reason,
                Message = message,
                LastTransitionTime = last?.Status == text ? last.LastTransitionTime ?? now : now,
            };
        }
    }

    private static string Names(IEnumerable<ContainerView> containers) =>
        $"[{string.Join(' ', containers.Select(c => c.Name))}]";

    private static ContainerStatus StatusOf(ContainerView container) =>
        new()
        {
            Name = container.Name,
            Image = container.Spec.Image,
            ImageID = container.Record is null ? "" : container.Spec.Image,
            ContainerID = container.Record is { } record ? IdOf(record.Id) : null,
            Ready = container.Ready,
            Started = container.Started,
            RestartCount = container.Record?.Restarts ?? 0,
            State = container.State,
            LastState = Last(container) is { } end ? new ContainerState { Terminated = Terminated(end) } : null,
        };

    /// <summary>The end before the state that is shown: of a container that waits for another start, the end it waits after.</summary>
    private static ContainerEnd? Last(ContainerView container) =>
        container.State.Waiting is not null ? container.Record?.Ended : container.Record?.Before;

    public static ContainerStateTerminated Terminated(ContainerEnd end) =>
        new()
        {
            ExitCode = end.ExitCode,
            Reason = end.Reason,
            Message = end.Message,
            StartedAt = end.StartedAt,
            FinishedAt = end.FinishedAt,
            ContainerID = IdOf(end.Id),
        };

    private static string IdOf(string id) => $"{RuntimeName}://{id}";
}
