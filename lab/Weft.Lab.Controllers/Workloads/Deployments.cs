using System.Globalization;
using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers.Workloads;

/// <summary>Deployment to ReplicaSets: one for each template it had, and the pods move to that of the newest.</summary>
internal sealed class Deployments : Reconciler
{
    private readonly KubernetesClient client;
    private readonly EventRecorder events;

    public Deployments(
        KubernetesClient client,
        Informer<Deployment> deployments,
        Informer<ReplicaSet> sets,
        EventRecorder events,
        ILogger log
    )
        : base("deployment", log)
    {
        this.client = client;
        this.events = events;
        deployments.Changed += change => Add(change.Key);
        sets.Changed += change =>
        {
            if ((change.New ?? change.Old)?.OwnerKey(Kinds.Deployments) is { } owner)
            {
                Add(owner);
            }
        };
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancel)
    {
        var deployment = await client.FindAsync(Kinds.Deployments, key, cancel);
        if (deployment?.Spec?.Template is null || deployment.Metadata.DeletionTimestamp is not null)
        {
            return;
        }

        var hash = PodTemplate.Hash(deployment.Spec.Template);
        var sets = await Live.ListAsync(client, Kinds.ReplicaSets, key.Namespace, deployment.Spec.Selector, cancel);
        var owned = sets.Where(s => s.IsOwnedBy(deployment)).OrderBy(RevisionOf).ToList();
        var newest = owned.Find(s => s.Metadata.Labels?.GetValueOrDefault(Labels.PodTemplateHash) == hash);
        var old = owned.Where(s => s != newest).ToList();
        if (deployment.Spec.Paused != true)
        {
            newest = await NewestAsync(deployment, hash, newest, old, cancel);
            await MoveAsync(deployment, newest, old, cancel);
            await ForgetAsync(deployment, old, cancel);
        }

        await WriteStatusAsync(deployment, newest, old, cancel);
    }

    private static long RevisionOf(ReplicaSet set) =>
        long.TryParse(
            set.Metadata.Annotations?.GetValueOrDefault(Labels.Revision),
            CultureInfo.InvariantCulture,
            out var revision
        )
            ? revision
            : 0;

    /// <summary>The set of the current template, with the highest revision: made, or taken up again after a roll-back.</summary>
    private async Task<ReplicaSet> NewestAsync(
        Deployment deployment,
        string hash,
        ReplicaSet? found,
        List<ReplicaSet> old,
        CancellationToken cancel
    )
    {
        var highest = old.Select(RevisionOf).DefaultIfEmpty(0).Max();
        var revision = Math.Max(highest + 1, found is null ? 0 : RevisionOf(found));
        var annotations = new Dictionary<string, string>
        {
            [Labels.Revision] = revision.ToString(CultureInfo.InvariantCulture),
        };
        if (deployment.Metadata.Annotations?.GetValueOrDefault(Labels.Revision) != annotations[Labels.Revision])
        {
            var change = new Deployment { Metadata = new ObjectMeta { Annotations = annotations } };
            await Live.ChangeAsync(client, Kinds.Deployments, change, ObjectKey.Of(deployment), cancel);
        }

        if (found is not null)
        {
            if (RevisionOf(found) == revision)
            {
                return found;
            }

            var change = new ReplicaSet { Metadata = new ObjectMeta { Annotations = annotations } };
            await Live.ChangeAsync(client, Kinds.ReplicaSets, change, ObjectKey.Of(found), cancel);
            return await client.GetAsync(Kinds.ReplicaSets, ObjectKey.Of(found), cancel);
        }

        var label = KeyValuePair.Create(Labels.PodTemplateHash, hash);
        var template = deployment.Spec!.Template!;
        var labels = PodTemplate.With(template.Metadata?.Labels, label);
        var selector = deployment.Spec.Selector ?? new LabelSelector();
        var made = await client.CreateAsync(
            Kinds.ReplicaSets,
            new ReplicaSet
            {
                Metadata = new ObjectMeta
                {
                    Namespace = deployment.Metadata.Namespace,
                    Name = $"{deployment.Metadata.Name}-{hash}",
                    Labels = labels,
                    Annotations = annotations,
                    OwnerReferences = [Owners.Reference(Kinds.Deployments, deployment)],
                },
                Spec = new ReplicaSetSpec
                {
                    Replicas = 0,
                    MinReadySeconds = deployment.Spec.MinReadySeconds,
                    Selector = selector with { MatchLabels = PodTemplate.With(selector.MatchLabels, label) },
                    Template = template with
                    {
                        Metadata = (template.Metadata ?? new ObjectMeta()) with { Labels = labels },
                    },
                },
            },
            cancel
        );
        return made;
    }

    private async Task MoveAsync(
        Deployment deployment,
        ReplicaSet newest,
        List<ReplicaSet> old,
        CancellationToken cancel
    )
    {
        var replicas = deployment.Spec!.Replicas ?? 1;
        IEnumerable<(string Name, int Wanted)> next;
        if (deployment.Spec.Strategy?.Type == "Recreate")
        {
            var gone = await OldPodsAreGoneAsync(deployment, old, cancel);
            next =
            [
                .. old.Where(s => s.Spec?.Replicas != 0).Select(s => (s.Metadata.Name!, 0)),
                .. gone && newest.Spec?.Replicas != replicas
                    ? [(newest.Metadata.Name!, replicas)]
                    : Array.Empty<(string, int)>(),
            ];
        }
        else
        {
            var limits = Rollout.Limits(deployment.Spec.Strategy?.RollingUpdate, replicas);
            next = Rollout.Next(replicas, limits, SizeOf(newest), old.ConvertAll(SizeOf));
        }

        foreach (var (name, wanted) in next.ToList())
        {
            var set = old.Append(newest).First(s => s.Metadata.Name == name);
            var before = set.Spec!.Replicas ?? 0;
            await Live.ChangeAsync(
                client,
                Kinds.ReplicaSets,
                new ReplicaSet
                {
                    Metadata = Live.Version(set),
                    Spec = new ReplicaSetSpec { Replicas = wanted },
                },
                ObjectKey.Of(set),
                cancel
            );
            var direction = wanted > before ? "up" : "down";
            events.Normal(
                Kinds.Deployments,
                deployment,
                "ScalingReplicaSet",
                "ScaleReplicaSet",
                $"Scaled {direction} replica set {name} from {before} to {wanted}"
            );
        }
    }

    private async Task<bool> OldPodsAreGoneAsync(Deployment deployment, List<ReplicaSet> old, CancellationToken cancel)
    {
        var pods = await Live.ListAsync(
            client,
            Kinds.Pods,
            deployment.Metadata.Namespace,
            deployment.Spec!.Selector,
            cancel
        );
        return !pods.Exists(pod => old.Exists(pod.IsOwnedBy));
    }

    private static Rollout.Size SizeOf(ReplicaSet set) =>
        new(set.Metadata.Name!, set.Spec?.Replicas ?? 0, set.Status?.AvailableReplicas ?? 0);

    /// <summary>Empty sets of templates longer ago than the limit of the history.</summary>
    private async Task ForgetAsync(Deployment deployment, List<ReplicaSet> old, CancellationToken cancel)
    {
        var empty = old.Where(s => s.Spec?.Replicas == 0 && s.Status?.Replicas is null or 0).ToList();
        foreach (var set in empty.SkipLast(deployment.Spec!.RevisionHistoryLimit ?? 10))
        {
            await client.DeleteAsync(
                Kinds.ReplicaSets,
                ObjectKey.Of(set),
                new DeleteOptions { Uid = set.Metadata.Uid },
                cancel
            );
        }
    }

    private async Task WriteStatusAsync(
        Deployment deployment,
        ReplicaSet? newest,
        List<ReplicaSet> old,
        CancellationToken cancel
    )
    {
        var now = DateTimeOffset.UtcNow;
        var status = DeploymentStatusOf.Build(deployment, newest, old, now);
        if (DeploymentStatusOf.Differs(status, deployment.Status))
        {
            await Live.WriteStatusAsync(
                client,
                Kinds.Deployments,
                new Deployment
                {
                    Metadata = new ObjectMeta { Uid = deployment.Metadata.Uid },
                    Status = status,
                },
                ObjectKey.Of(deployment),
                cancel
            );
        }

        if (DeploymentStatusOf.Deadline(deployment, status) is { } deadline && deadline > now)
        {
            AddAfter(ObjectKey.Of(deployment), deadline - now);
        }
    }
}
