using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab;

/// <summary>Pods of a lab with Kubernetes, made and deleted by its API as `kubectl` would.</summary>
public static class ClusterPod
{
    private const string OnlyContainer = "main";

    /// <summary>Creates a pod on a node and returns its addresses when it is Ready.</summary>
    /// <exception cref="LabException">It cannot start; nothing is left of it.</exception>
    public static IReadOnlyList<string> Run(LabDirectory lab, PodName name, int node, IReadOnlyList<string> command)
    {
        using var client = ClusterState.Client(lab);
        var pod = Manifest(name, lab.ExistingNode(node).Name, command.Count > 0 ? command : ["sleep", "infinity"]);
        try
        {
            CreateAsync(client, pod).GetAwaiter().GetResult();
        }
        catch (KubernetesException e) when (e.IsAlreadyExists)
        {
            throw new LabException($"the cluster has a pod {name} already: delete it first, or choose another name");
        }

        try
        {
            IReadOnlyList<string> addresses = [];
            var problem = "";
            ClusterState.Until(
                client,
                Kinds.Pods,
                Only(name),
                found =>
                {
                    addresses = [.. (found.Status?.PodIPs ?? []).Select(ip => ip.Ip!)];
                    problem = Problem(found, out var hopeless);
                    return hopeless
                        ? throw new LabException($"pod {name} cannot start: {problem}")
                        : found.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;
                },
                () => $"pod {name} did not become Ready{problem}",
                CancellationToken.None
            );
            return addresses;
        }
        catch
        {
            Delete(client, name);
            throw;
        }
    }

    /// <summary>Deletes a pod and returns when it is gone.</summary>
    public static void Delete(LabDirectory lab, PodName name)
    {
        using var client = ClusterState.Client(lab);
        Delete(client, name);
    }

    private static void Delete(KubernetesClient client, PodName name)
    {
        var key = new ObjectKey(name.Namespace, name.Name);
        try
        {
            client.DeleteAsync(Kinds.Pods, key, null, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (KubernetesException e) when (e.IsNotFound)
        {
            throw new LabException($"the cluster has no pod {name}: see `weft lab status`");
        }

        ClusterState.UntilGone(client, Kinds.Pods, key, CancellationToken.None);
    }

    private static WatchOptions Only(PodName name) =>
        new() { Namespace = name.Namespace, FieldSelector = $"metadata.name={name.Name}" };

    /// <summary>What keeps a container from starting, and whether it will not get better by waiting.</summary>
    private static string Problem(Pod pod, out bool hopeless)
    {
        var waiting = pod
            .Status?.ContainerStatuses?.Select(c => c.State?.Waiting)
            .FirstOrDefault(w => w?.Message is not null);
        hopeless = waiting?.Reason is "RunContainerError" or "CreateContainerConfigError" or "ErrImagePull";
        return waiting?.Message ?? "";
    }

    private static async Task CreateAsync(KubernetesClient client, Pod pod)
    {
        var space = new Namespace { Metadata = new ObjectMeta { Name = pod.Metadata.Namespace } };
        try
        {
            await client.CreateAsync(Kinds.Namespaces, space, CancellationToken.None);
        }
        catch (KubernetesException e) when (e.IsAlreadyExists)
        {
            // As it is most of the time.
        }

        await client.CreateAsync(Kinds.Pods, pod, CancellationToken.None);
    }

    private static Pod Manifest(PodName name, string node, IReadOnlyList<string> command) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = name.Namespace, Name = name.Name },
            Spec = new PodSpec
            {
                NodeName = node,
                Containers =
                [
                    new Container
                    {
                        Name = OnlyContainer,
                        Image = "host",
                        Command = command,
                    },
                ],
            },
        };
}
