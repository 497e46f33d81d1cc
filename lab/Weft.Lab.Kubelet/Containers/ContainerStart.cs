using Weft.Kubernetes.Objects;
using Weft.Lab.Linux;

namespace Weft.Lab.Kubelet.Containers;

/// <summary>What keeps a container from being started, as its state says it until it can be.</summary>
internal sealed class ContainerRefusedException(string reason, string message) : Exception(message)
{
    public string Reason => reason;
}

/// <summary>A container of the lab is a process of the machine's own programs, in the pod's network and in a cgroup.</summary>
internal static class ContainerStart
{
    public const string HostImage = "host";

    /// <exception cref="ContainerRefusedException">It cannot be started as it is.</exception>
    public static RunningProcess Start(ContainerPlace place, Pod pod, Container spec)
    {
        if (spec.Image != HostImage)
        {
            throw new ContainerRefusedException(
                "ErrImagePull",
                $"the lab pulls no images, so it has no \"{spec.Image}\": image: {HostImage} is this machine's file system, with command: naming what to run"
            );
        }

        try
        {
            var variables = Variables.Of(pod, spec, place.NodeAddresses, place.PodAddresses);
            List<string> command =
            [
                .. (spec.Command ?? []).Concat(spec.Args ?? []).Select(word => Variables.Expand(word, variables)),
            ];
            return command.Count == 0
                ? throw new LabException($"the image {HostImage} has no program of its own to run: set command")
                : Run(place, command, variables, spec.WorkingDir ?? "/");
        }
        catch (LabException e)
        {
            throw new ContainerRefusedException("CreateContainerConfigError", e.Message);
        }
        catch (SystemCallException e)
        {
            throw new ContainerRefusedException("RunContainerError", e.Message);
        }
    }

    /// <summary>Runs a command of a probe beside the container.</summary>
    /// <exception cref="SystemCallException">It cannot be started.</exception>
    public static RunningProcess Beside(ContainerPlace place, Pod pod, Container spec, IReadOnlyList<string> command) =>
        Run(
            place with
            {
                Log = "/dev/null",
            },
            command,
            Variables.Of(pod, spec, place.NodeAddresses, place.PodAddresses),
            spec.WorkingDir ?? "/"
        );

    private static RunningProcess Run(
        ContainerPlace place,
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string> variables,
        string directory
    )
    {
        place.Cgroup.Create();
        var process = place.Cgroup.Run(() =>
            place.Namespaces.Run(() =>
                DetachedProcess.Start(command, place.Log, variables.Select(v => $"{v.Key}={v.Value}"), directory)
            )
        );

        // It is our child and nobody has waited for it, so it is there even if it has ended already.
        return RunningProcess.Find(process.Pid)!;
    }
}

/// <summary>Where a container runs.</summary>
/// <param name="Namespaces">The pod's network, and the node's file system.</param>
/// <param name="Cgroup">The container's own.</param>
/// <param name="Log">What it writes.</param>
/// <param name="NodeAddresses">IPv4 first.</param>
/// <param name="PodAddresses">The same as the node's for a pod in its network.</param>
internal sealed record ContainerPlace(
    LabNamespaces Namespaces,
    Cgroup Cgroup,
    string Log,
    IReadOnlyList<string> NodeAddresses,
    IReadOnlyList<string> PodAddresses
);
