using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab.Controllers.Scheduling;

namespace Weft.Lab.Controllers.Workloads;

/// <summary>DaemonSet to Pods: one on each node that takes it.</summary>
internal sealed class DaemonSets : Reconciler
{
    private readonly KubernetesClient client;
    private readonly EventRecorder events;

    public DaemonSets(
        KubernetesClient client,
        Informer<DaemonSet> sets,
        Informer<Node> nodes,
        Informer<Pod> pods,
        EventRecorder events,
        ILogger log
    )
        : base("daemonset", log)
    {
        this.client = client;
        this.events = events;
        sets.Changed += change => Add(change.Key);
        nodes.Changed += _ =>
        {
            foreach (var set in sets.List())
            {
                Add(ObjectKey.Of(set));
            }
        };
        pods.Changed += change =>
        {
            if ((change.New ?? change.Old)?.OwnerKey(Kinds.DaemonSets) is { } owner)
            {
                Add(owner);
            }
        };
    }

    /// <summary>What the real controller lets its pods tolerate: nodes that are not as they should be.</summary>
    private static List<Toleration> Tolerations(bool hostNetwork)
    {
        List<Toleration> tolerations =
        [
            Tolerate("not-ready", "NoExecute"),
            Tolerate("unreachable", "NoExecute"),
            Tolerate("disk-pressure", "NoSchedule"),
            Tolerate("memory-pressure", "NoSchedule"),
            Tolerate("pid-pressure", "NoSchedule"),
            Tolerate("unschedulable", "NoSchedule"),
        ];
        if (hostNetwork)
        {
            tolerations.Add(Tolerate("network-unavailable", "NoSchedule"));
        }

        return tolerations;

        static Toleration Tolerate(string what, string effect) =>
            new()
            {
                Key = $"node.kubernetes.io/{what}",
                Operator = "Exists",
                Effect = effect,
            };
    }

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancel)
    {
        var set = await client.FindAsync(Kinds.DaemonSets, key, cancel);
        if (set?.Spec?.Template is null || set.Metadata.DeletionTimestamp is not null)
        {
            return;
        }

        var hash = PodTemplate.Hash(set.Spec.Template);
        var spec = PodTemplate.Read(set.Spec.Template);
        var tolerations = Tolerations(spec.HostNetwork == true);
        spec = spec with { Tolerations = [.. spec.Tolerations ?? [], .. tolerations] };
        var nodes = await Live.ListAsync(client, Kinds.Nodes, null, null, cancel);
        var pods = await Live.PodsOf(client, set, set.Spec.Selector, cancel);
        var wanted = nodes.Where(n => Fit.Problem(spec, n) is null).Select(n => n.Metadata.Name!).ToHashSet();
        var kept = nodes
            .Where(n => Fit.Problem(spec, n, there: true) is null)
            .Select(n => n.Metadata.Name!)
            .ToHashSet();
        var byNode = pods.ToLookup(pod => pod.Spec?.NodeName ?? "");

        // A pod that ended makes place for another at once; one that is ending still holds its place.
        foreach (var pod in pods.Where(p => p.Metadata.DeletionTimestamp is null))
        {
            var superfluous = !kept.Contains(pod.Spec?.NodeName ?? "") || byNode[pod.Spec!.NodeName!].First() != pod;
            if (superfluous || !pod.IsActive())
            {
                await DeleteAsync(set, pod, cancel);
            }
        }

        foreach (var node in wanted.Where(n => !byNode[n].Any()))
        {
            await CreateAsync(set, node, hash, tolerations, cancel);
        }

        await UpdateAsync(set, wanted, pods, hash, cancel);
        await WriteStatusAsync(set, wanted, pods, hash, cancel);
    }

    private async Task CreateAsync(
        DaemonSet set,
        string node,
        string hash,
        List<Toleration> tolerations,
        CancellationToken cancel
    )
    {
        var spec = PodTemplate.SpecOf(set.Spec!.Template!);
        spec["nodeName"] = node;
        JsonArray tolerated = [.. (spec["tolerations"]?.AsArray() ?? []).Select(t => t?.DeepClone())];
        foreach (var toleration in tolerations)
        {
            tolerated.Add(
                (JsonNode)
                    new JsonObject
                    {
                        ["key"] = toleration.Key,
                        ["operator"] = toleration.Operator,
                        ["effect"] = toleration.Effect,
                    }
            );
        }

        spec["tolerations"] = tolerated;
        var pod = PodTemplate.Make(
            set.Spec.Template!,
            set.Metadata.Namespace!,
            $"{set.Metadata.Name}-",
            Owners.Reference(Kinds.DaemonSets, set),
            KeyValuePair.Create(Labels.ControllerRevisionHash, hash),
            JsonDocument.Parse(spec.ToJsonString()).RootElement
        );
        var made = await client.CreateAsync(Created.Pods, pod, cancel);
        events.Normal(Kinds.DaemonSets, set, "SuccessfulCreate", "CreatePod", $"Created pod: {made.Metadata.Name}");
    }

    /// <summary>Ends pods of older templates, as many as may be missing at once; the next round makes new ones.</summary>
    private async Task UpdateAsync(
        DaemonSet set,
        HashSet<string> wanted,
        List<Pod> pods,
        string hash,
        CancellationToken cancel
    )
    {
        if (set.Spec!.UpdateStrategy?.Type == "OnDelete")
        {
            return;
        }

        var limit = set.Spec.UpdateStrategy?.RollingUpdate?.MaxUnavailable ?? new IntOrString(1);
        var most = Math.Max(1, Rollout.Of(limit, wanted.Count, roundUp: true));
        var serving = pods.Where(pod => pod.IsActive() && pod.IsReady())
            .Select(pod => pod.Spec!.NodeName!)
            .Distinct()
            .Count();
        var old = pods.Where(pod => pod.IsActive() && HashOf(pod) != hash).OrderBy(pod => pod.IsReady()).ToList();
        var room = most - (wanted.Count - serving);
        foreach (var pod in old)
        {
            // One that serves nobody is not missed more than it is already.
            if (pod.IsReady() && room-- <= 0)
            {
                break;
            }

            await DeleteAsync(set, pod, cancel);
        }
    }

    private async Task DeleteAsync(DaemonSet set, Pod pod, CancellationToken cancel)
    {
        await Live.DeleteAsync(client, pod, cancel);
        events.Normal(Kinds.DaemonSets, set, "SuccessfulDelete", "DeletePod", $"Deleted pod: {pod.Metadata.Name}");
    }

    private async Task WriteStatusAsync(
        DaemonSet set,
        HashSet<string> wanted,
        List<Pod> pods,
        string hash,
        CancellationToken cancel
    )
    {
        var now = DateTimeOffset.UtcNow;
        var placed = pods.Where(pod => pod.IsActive() && wanted.Contains(pod.Spec!.NodeName!)).ToList();
        var available = placed
            .Select(pod => pod.AvailableAt(set.Spec!.MinReadySeconds ?? 0))
            .OfType<DateTimeOffset>()
            .ToList();
        if (available.Exists(at => at > now))
        {
            AddAfter(ObjectKey.Of(set), available.Where(at => at > now).Min() - now);
        }

        var status = new DaemonSetStatus
        {
            ObservedGeneration = set.Metadata.Generation,
            DesiredNumberScheduled = wanted.Count,
            CurrentNumberScheduled = placed.Count,
            NumberMisscheduled = pods.Count(pod => pod.IsActive() && !wanted.Contains(pod.Spec!.NodeName!)),
            NumberReady = placed.Count(pod => pod.IsReady()),
            UpdatedNumberScheduled = placed.Count(pod => HashOf(pod) == hash),
            NumberAvailable = available.Count(at => at <= now),
            NumberUnavailable = wanted.Count - available.Count(at => at <= now),
            Conditions = set.Status?.Conditions,
            CollisionCount = set.Status?.CollisionCount,
        };
        if (status != set.Status)
        {
            await Live.WriteStatusAsync(
                client,
                Kinds.DaemonSets,
                new DaemonSet
                {
                    Metadata = new ObjectMeta { Uid = set.Metadata.Uid },
                    Status = status,
                },
                ObjectKey.Of(set),
                cancel
            );
        }
    }

    private static string? HashOf(Pod pod) => pod.Metadata.Labels?.GetValueOrDefault(Labels.ControllerRevisionHash);
}
