using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers.Workloads;

/// <summary>ReplicaSet to Pods: as many as it says.</summary>
internal sealed class ReplicaSets : Reconciler
{
    private const int MostAtOnce = 500;
    private readonly KubernetesClient client;
    private readonly EventRecorder events;

    public ReplicaSets(
        KubernetesClient client,
        Informer<ReplicaSet> sets,
        Informer<Pod> pods,
        EventRecorder events,
        ILogger log
    )
        : base("replicaset", log)
    {
        this.client = client;
        this.events = events;
        sets.Changed += change => Add(change.Key);
        pods.Changed += change =>
        {
            if ((change.New ?? change.Old)?.OwnerKey(Kinds.ReplicaSets) is { } owner)
            {
                Add(owner);
            }
        };
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancel)
    {
        var set = await client.FindAsync(Kinds.ReplicaSets, key, cancel);
        if (set?.Spec?.Template is null)
        {
            return;
        }

        var pods = await Live.PodsOf(client, set, set.Spec.Selector, cancel);
        var active = pods.Where(pod => pod.IsActive()).ToList();
        if (set.Metadata.DeletionTimestamp is null)
        {
            await ScaleAsync(set, active, cancel);
        }

        await WriteStatusAsync(set, active, cancel);
    }

    private async Task ScaleAsync(ReplicaSet set, List<Pod> active, CancellationToken cancel)
    {
        var missing = (set.Spec!.Replicas ?? 1) - active.Count;
        for (var i = 0; i < Math.Min(missing, MostAtOnce); i++)
        {
            var pod = PodTemplate.Make(
                set.Spec.Template!,
                set.Metadata.Namespace!,
                $"{set.Metadata.Name}-",
                Owners.Reference(Kinds.ReplicaSets, set),
                hashLabel: null
            );
            var made = await client.CreateAsync(Created.Pods, pod, cancel);
            events.Normal(
                Kinds.ReplicaSets,
                set,
                "SuccessfulCreate",
                "CreatePod",
                $"Created pod: {made.Metadata.Name}"
            );
        }

        foreach (var pod in active.LeastMissedFirst().Take(Math.Max(0, -missing)))
        {
            await Live.DeleteAsync(client, pod, cancel);
            events.Normal(Kinds.ReplicaSets, set, "SuccessfulDelete", "DeletePod", $"Deleted pod: {pod.Metadata.Name}");
        }
    }

    private async Task WriteStatusAsync(ReplicaSet set, List<Pod> active, CancellationToken cancel)
    {
        var now = DateTimeOffset.UtcNow;
        var available = active
            .Select(pod => pod.AvailableAt(set.Spec!.MinReadySeconds ?? 0))
            .OfType<DateTimeOffset>()
            .ToList();
        if (available.Where(at => at > now).Order().Select(at => (DateTimeOffset?)at).FirstOrDefault() is { } next)
        {
            AddAfter(ObjectKey.Of(set), next - now);
        }

        var status = new ReplicaSetStatus
        {
            Replicas = active.Count,
            FullyLabeledReplicas = active.Count,
            ReadyReplicas = active.Count(pod => pod.IsReady()),
            AvailableReplicas = available.Count(at => at <= now),
            ObservedGeneration = set.Metadata.Generation,
            Conditions = set.Status?.Conditions,
        };
        if (status != set.Status)
        {
            await Live.WriteStatusAsync(
                client,
                Kinds.ReplicaSets,
                new ReplicaSet { Metadata = Live.Version(set), Status = status },
                ObjectKey.Of(set),
                cancel
            );
        }
    }
}
