using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Operator.Metrics;
using Weft.Policy.Checks;

namespace Weft.Operator.Policies;

/// <summary>
/// Says of a NetworkPolicy what makes no sense in it, as Warning Events on the policy: by itself as soon as it is there,
/// and of port names that no pod has when there are pods that could. Each once for a generation of the policy; a new
/// leader says it again.
/// </summary>
internal sealed class PolicyReports : IDisposable
{
    /// <summary>Policies and their pods often come by one apply: what comes a moment later is not missed.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private readonly Watches watches;
    private readonly EventRecorder events;
    private readonly WorkQueue<ObjectKey> queue = new();
    private readonly ReconcileLoop<ObjectKey> loop;
    private readonly Dictionary<ObjectKey, Reported> reported = [];

    public PolicyReports(Watches watches, EventRecorder events, OperatorMetrics metrics, ILogger logger)
    {
        this.watches = watches;
        this.events = events;
        loop = new ReconcileLoop<ObjectKey>("policies", queue, CheckAsync, metrics, logger);
        metrics.Pending("policies", () => queue.Count);
        watches.Policies.Changed += change =>
        {
            if (change.New is null || change.New.Metadata.Generation != change.Old?.Metadata.Generation)
            {
                queue.AddAfter(change.Key, Settling);
            }
        };
        watches.Pods.Changed += change =>
        {
            if (change is { Old: null, New: not null })
            {
                foreach (var policy in watches.PoliciesWithPortNames(change.Key.Namespace!))
                {
                    queue.AddAfter(ObjectKey.Of(policy), Settling);
                }
            }
        };
    }

    /// <summary>Works until cancelled, one policy at a time.</summary>
    public Task RunAsync(CancellationToken cancellation) => loop.RunAsync(1, cancellation);

    public void Dispose() => queue.Dispose();

    private Task CheckAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (watches.Policies.Get(key) is not { } policy)
        {
            reported.Remove(key);
            return Task.CompletedTask;
        }

        var version = new Reported(policy.Metadata.Uid, policy.Metadata.Generation, []);
        if (!reported.TryGetValue(key, out var before) || !before.IsOf(version))
        {
            reported[key] = before = version;
        }

        foreach (var finding in PolicyChecks.Of(policy).Concat(UnknownPortNames(policy)))
        {
            if (before.Findings.Add(finding))
            {
                var reason = finding.Severity == Severity.Error ? "PolicyInvalid" : "PolicyIneffective";
                events.Warning(Kinds.NetworkPolicies, policy, reason, "Check", finding.ToString());
            }
        }

        return Task.CompletedTask;
    }

    private IEnumerable<Finding> UnknownPortNames(NetworkPolicy policy) =>
        policy is { Spec: { } spec, Metadata.Namespace: { } ns } && MatchChecks.UsesPortNames(spec)
            ? MatchChecks.PortNames(
                spec,
                ns,
                new Surroundings(
                    [
                        .. watches
                            .Pods.List()
                            .Where(pod => pod.Status is null)
                            .Select(pod => SelectablePod.Of(pod, pod.Metadata.Name!, pod.Metadata.Namespace!)),
                    ],
                    watches
                        .Namespaces.List()
                        .ToDictionary(
                            found => found.Metadata.Name!,
                            found => found.Metadata.Labels ?? new Dictionary<string, string>()
                        )
                )
            )
            : [];

    /// <summary>What has been said of a version of a policy.</summary>
    private sealed record Reported(string? Uid, long? Generation, HashSet<Finding> Findings)
    {
        public bool IsOf(Reported other) => Uid == other.Uid && Generation == other.Generation;
    }
}
