using Weft.Lab.Kubelet.Containers;

namespace Weft.Lab.Kubelet.Pods;

/// <summary>
/// A pod's phase by its containers (Kubernetes' "Pod Lifecycle", Pod phase), and which ends of a container are followed
/// by another start.
/// </summary>
internal static class PodPhase
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    public static string Of(string? restartPolicy, IReadOnlyList<ContainerView> init, IReadOnlyList<ContainerView> main)
    {
        if (init.Any(c => c.End is { ExitCode: not 0 }) && restartPolicy == "Never")
        {
            return Failed;
        }

        if (main.Any(c => c.State.Running is null && c.End is null))
        {
            return Pending;
        }

        return main.Any(c => c.State.Running is not null || StartsAgain(restartPolicy, c.End!.ExitCode)) ? Running
            : main.All(c => c.End!.ExitCode == 0) ? Succeeded
            : Failed;
    }

    public static bool IsFinal(string? phase) => phase is Succeeded or Failed;

    public static bool StartsAgain(string? restartPolicy, int exitCode) =>
        restartPolicy switch
        {
            "Never" => false,
            "OnFailure" => exitCode != 0,
            _ => true,
        };
}
