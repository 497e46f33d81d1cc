using Weft.Kubernetes.Objects;

namespace Weft.Lab.Kubelet.Containers;

/// <summary>What is to be said of a container at one moment.</summary>
/// <param name="Spec">What it is meant to be.</param>
/// <param name="State">Waiting, running or terminated.</param>
/// <param name="Record">Its process, of now or the last; null before the first start.</param>
/// <param name="Ready">It runs and its readiness probe, if any, says so.</param>
/// <param name="Started">It runs and its startup probe, if any, has succeeded.</param>
internal sealed record ContainerView(
    Container Spec,
    ContainerState State,
    ContainerRecord? Record,
    bool Ready,
    bool Started
)
{
    public string Name => Spec.Name;

    /// <summary>How it ended last: the state it is in now, or before it began to wait for another start.</summary>
    public ContainerEnd? End => State.Running is null ? Record?.Ended : null;

    public static ContainerView Waiting(Container spec, string reason, string? message = null) =>
        new(
            spec,
            new ContainerState
            {
                Waiting = new() { Reason = reason, Message = message },
            },
            null,
            false,
            false
        );
}
