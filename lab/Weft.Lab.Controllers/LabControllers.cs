using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab.Controllers.Endpoints;
using Weft.Lab.Controllers.Scheduling;
using Weft.Lab.Controllers.Workloads;

namespace Weft.Lab.Controllers;

/// <summary>
/// The controllers a lab needs so that what users apply becomes pods on nodes, and pods become endpoints. The simplest
/// that behave right: for trying and testing, not for a cluster.
/// </summary>
public static class LabControllers
{
    /// <summary>Runs them until cancelled, or until one fails in a way it does not know.</summary>
    public static async Task RunAsync(string kubeconfig, ILogger log, CancellationToken cancel)
    {
        using var client = new KubernetesClient(
            ClusterConnection.FromKubeconfig(kubeconfig),
            log,
            "weft-lab-controllers"
        );
        await using var events = new EventRecorder(client, "weft-lab-controllers", "weft-lab");
        var nodes = Follow(client, Kinds.Nodes);
        var pods = Follow(client, Kinds.Pods);
        var sets = Follow(client, Kinds.ReplicaSets);
        var deployments = Follow(client, Kinds.Deployments);
        var daemonSets = Follow(client, Kinds.DaemonSets);
        var services = Follow(client, Kinds.Services);
        var slices = Follow(client, Kinds.EndpointSlices);
        using var deploymentController = new Deployments(client, deployments, sets, events, log);
        using var replicaSetController = new ReplicaSets(client, sets, pods, events, log);
        using var daemonSetController = new DaemonSets(client, daemonSets, nodes, pods, events, log);
        using var scheduler = new Scheduler(client, nodes, pods, events, log);
        using var sliceController = new EndpointSlices(client, services, slices, pods, log);

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var end = ends.Token;
        List<Task> informers =
        [
            nodes.RunAsync(end),
            pods.RunAsync(end),
            sets.RunAsync(end),
            deployments.RunAsync(end),
            daemonSets.RunAsync(end),
            services.RunAsync(end),
            slices.RunAsync(end),
        ];
        var synced = Task.WhenAll(
            nodes.SyncedAsync(end),
            pods.SyncedAsync(end),
            sets.SyncedAsync(end),
            deployments.SyncedAsync(end),
            daemonSets.SyncedAsync(end),
            services.SyncedAsync(end),
            slices.SyncedAsync(end)
        );
        await await Task.WhenAny([synced, .. informers]);
        await await Task.WhenAny([
            deploymentController.RunAsync(end),
            replicaSetController.RunAsync(end),
            daemonSetController.RunAsync(end),
            scheduler.RunAsync(end),
            sliceController.RunAsync(end),
            .. informers,
        ]);
    }

    private static Informer<T> Follow<T>(KubernetesClient client, Resource<T> resource)
        where T : class, IKubernetesObject => new(client, resource, new InformerOptions<T>());
}
