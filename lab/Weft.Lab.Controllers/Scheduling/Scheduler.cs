using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab.Controllers.Workloads;

namespace Weft.Lab.Controllers.Scheduling;

/// <summary>Gives each pod the node that takes it and has the fewest pods, one at a time: each counts those before it.</summary>
internal sealed class Scheduler : Reconciler
{
    private const string DefaultName = "default-scheduler";
    private const string Scheduled = "PodScheduled";
    private readonly KubernetesClient client;
    private readonly Informer<Pod> pods;
    private readonly Informer<Node> nodes;
    private readonly EventRecorder events;

    /// <summary>Where pods went that the informer does not show there yet.</summary>
    private readonly Dictionary<string, string> assumed = [];

    public Scheduler(
        KubernetesClient client,
        Informer<Node> nodes,
        Informer<Pod> pods,
        EventRecorder events,
        ILogger log
    )
        : base("scheduler", log, workers: 1)
    {
        this.client = client;
        this.pods = pods;
        this.nodes = nodes;
        this.events = events;
        pods.Changed += change =>
        {
            if (change.New is not null && IsWaiting(change.New))
            {
                Add(change.Key);
            }
        };
        nodes.Changed += change =>
        {
            if (change.New is not null && !SameTo(change.Old, change.New))
            {
                foreach (var pod in pods.List().Where(IsWaiting))
                {
                    Add(ObjectKey.Of(pod));
                }
            }
        };
    }

    private static bool IsWaiting(Pod pod) =>
        string.IsNullOrEmpty(pod.Spec?.NodeName)
        && pod.IsActive()
        && (pod.Spec?.SchedulerName ?? DefaultName) == DefaultName;

    /// <summary>Whether a change of a node makes no difference here, as its heartbeats.</summary>
    private static bool SameTo(Node? old, Node now) =>
        old is not null
        && old.Metadata.Labels?.Count == now.Metadata.Labels?.Count
        && (now.Metadata.Labels ?? new Dictionary<string, string>()).All(l =>
            old.Metadata.Labels?.GetValueOrDefault(l.Key) == l.Value
        )
        && old.Spec?.Unschedulable == now.Spec?.Unschedulable
        && (old.Spec?.Taints ?? []).SequenceEqual(now.Spec?.Taints ?? [])
        && ReadyOf(old) == ReadyOf(now);

    private static string? ReadyOf(Node node) =>
        node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready")?.Status;

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancel)
    {
        var pod = await client.FindAsync(Kinds.Pods, key, cancel);
        if (pod?.Spec is null || !IsWaiting(pod))
        {
            return;
        }

        var all = nodes.List();
        var problems = all.ToDictionary(n => n.Metadata.Name!, n => Fit.Problem(pod.Spec, n));
        var load = Load();
        var best = all.Where(n => problems[n.Metadata.Name!] is null)
            .OrderBy(n => load.GetValueOrDefault(n.Metadata.Name!))
            .ThenBy(n => n.Metadata.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (best is null)
        {
            await RefuseAsync(pod, Explain(all.Count, problems.Values), cancel);
        }
        else
        {
            await BindAsync(pod, best.Metadata.Name!, cancel);
        }
    }

    private Dictionary<string, int> Load()
    {
        var placed = pods.List().Where(pod => !string.IsNullOrEmpty(pod.Spec?.NodeName)).ToList();
        foreach (var pod in placed)
        {
            assumed.Remove(pod.Metadata.Uid!);
        }

        return placed
            .Where(pod => pod.IsActive())
            .Select(pod => pod.Spec!.NodeName!)
            .Concat(assumed.Values)
            .CountBy(node => node)
            .ToDictionary();
    }

    private async Task BindAsync(Pod pod, string node, CancellationToken cancel)
    {
        var binding = new Binding
        {
            Metadata = new ObjectMeta
            {
                Namespace = pod.Metadata.Namespace,
                Name = pod.Metadata.Name,
                Uid = pod.Metadata.Uid,
            },
            Target = new ObjectReference
            {
                ApiVersion = "v1",
                Kind = "Node",
                Name = node,
            },
        };
        await client.CreateAsync(Created.BindingsOf(pod.Metadata.Name!), binding, cancel);
        assumed[pod.Metadata.Uid!] = node;
        events.Normal(Kinds.Pods, pod, "Scheduled", "Binding", $"Successfully assigned {ObjectKey.Of(pod)} to {node}");
    }

    private static string Explain(int nodes, IEnumerable<string?> problems)
    {
        var reasons = problems.OfType<string>().CountBy(p => p).Select(p => $"{p.Value} {p.Key}");
        return nodes == 0
            ? "no nodes available to schedule pods"
            : $"0/{nodes} nodes are available: {string.Join(", ", reasons)}.";
    }

    private async Task RefuseAsync(Pod pod, string message, CancellationToken cancel)
    {
        var before = pod.Status?.Conditions?.FirstOrDefault(c => c.Type == Scheduled);
        if (before?.Message == message)
        {
            return;
        }

        var condition = new PodCondition
        {
            Type = Scheduled,
            Status = "False",
            Reason = "Unschedulable",
            Message = message,
            LastTransitionTime = DateTimeOffset.UtcNow,
        };
        await Live.WriteStatusAsync(
            client,
            Kinds.Pods,
            new Pod
            {
                Metadata = new ObjectMeta { Uid = pod.Metadata.Uid },
                Status = new PodStatus { Conditions = [condition] },
            },
            ObjectKey.Of(pod),
            cancel
        );
        events.Warning(Kinds.Pods, pod, "FailedScheduling", "Scheduling", message);
    }
}
