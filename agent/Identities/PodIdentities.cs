using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Weft.Agent.Endpoints;
using Weft.Agent.Kubernetes;
using Weft.Agent.Policy;
using Weft.Bpf;
using Weft.Contracts;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;

namespace Weft.Agent.Identities;

/// <summary>
/// The identities of this node's pods: the content comes from the pod's labels and what policies look at, the number
/// from the WeftIdentity of that content, which the operator makes.
/// </summary>
internal sealed partial class PodIdentities
{
    // The kubelet hears of a pod when this agent does; whoever is first waits a moment for the other.
    private static readonly TimeSpan WatchLag = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromSeconds(1);

    private readonly object gate = new();
    private readonly Signal changed = new();
    private readonly PodMirrors mirrors;
    private readonly KnownIdentities known;
    private readonly KubernetesClient client;
    private readonly ApiContact contact;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly PolicyKeyHistory history = new();
    private Lazy<PolicyKeys> keys;
    private long changes;

    public PodIdentities(
        PodMirrors mirrors,
        KnownIdentities known,
        KubernetesClient client,
        ApiContact contact,
        TimeProvider time,
        ILogger logger
    )
    {
        (this.mirrors, this.known, this.client, this.contact) = (mirrors, known, client, contact);
        (this.time, this.logger) = (time, logger);
        keys = ReadKeys();
        mirrors.Policies.Changed += change =>
        {
            if (change.Old is { } old)
            {
                history.Gone(old, time.GetUtcNow());
            }

            Volatile.Write(ref keys, ReadKeys());
            Pulse();
        };
        mirrors.Pods.Changed += _ => Pulse();
        mirrors.Namespaces.Changed += change =>
        {
            if (change.Old is null || change.New is null || !SameLabels(change.Old, change.New))
            {
                Pulse();
            }
        };
        known.Changed += Pulse;
        contact.Returned += Pulse;
        mirrors.Namespaces.Fresh += Pulse;
        mirrors.Policies.Fresh += Pulse;
        mirrors.Identities.Fresh += Pulse;
    }

    /// <summary>How long an ADD waits: most often no time at all, for identities are made when pods appear.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The identity for an ADD, as soon as it is known. A pod that nobody can tell more about, for the API server is away
    /// or the runtime did not name it, is <see cref="ReservedIdentity.Unmanaged"/>, until more is known.
    /// </summary>
    /// <exception cref="RequestException">It is not known in time; the runtime tries again.</exception>
    public uint Await(PodReference? reference)
    {
        if (reference is null)
        {
            return ReservedIdentity.Unmanaged;
        }

        var watch = Stopwatch.StartNew();
        var nextQuestion = WatchLag;
        Pod? asked = null;
        while (true)
        {
            var seen = Interlocked.Read(ref changes);
            var pod = Find(reference) ?? asked;
            var answer = pod is null
                ? IdentityAnswer.Lacks($"the API server has no pod {reference} on this node")
                : Answer(pod);
            if (answer.Number is { } number)
            {
                return number;
            }

            var isLate = watch.Elapsed >= Patience;
            if (isLate || (pod is null && watch.Elapsed >= nextQuestion))
            {
                nextQuestion = watch.Elapsed + BetweenQuestions;
                asked = Ask(reference);
            }

            if (contact.IsAway)
            {
                return ReservedIdentity.Unmanaged;
            }

            if (isLate)
            {
                throw new RequestException(
                    CniErrorCode.TryAgainLater,
                    $"the pod has no identity yet: {answer.Missing}"
                );
            }

            if (pod is not null || asked is null)
            {
                Wait(seen, (pod is null ? nextQuestion : Patience) - watch.Elapsed);
            }
        }
    }

    /// <summary>
    /// Moves endpoints to other identities as these become known. One stays as it is until its new one is, and all do
    /// until the policies are in force that know them.
    /// </summary>
    public async Task KeepAsync(EndpointTable endpoints, NodePolicy policy, CancellationToken cancellation)
    {
        endpoints.Changed += changed.Set;
        policy.TookForce += changed.Set;
        changed.Set();
        while (true)
        {
            await (NextKeys() is { } pause ? changed.WaitAsync(pause, cancellation) : changed.WaitAsync(cancellation));
            try
            {
                if (NextKeys() == TimeSpan.Zero)
                {
                    var read = ReadKeys();
                    Volatile.Write(ref keys, read);
                    // At once: by this the history forgets them, and on a node without pods nobody else asks.
                    _ = read.Value;
                    Pulse();
                }

                if (policy.IsInForce)
                {
                    Move(endpoints);
                }
            }
            catch (Exception e) when (e is BpfException or IOException)
            {
                LogFailed(e);
                await Task.Delay(Patience, cancellation);
                changed.Set();
            }
        }
    }

    private void Move(EndpointTable endpoints)
    {
        foreach (var endpoint in endpoints.All)
        {
            if (
                endpoint.Pod is { } reference
                && Find(reference) is { } pod
                && Answer(pod).Number is { } number
                && number != endpoint.Identity
            )
            {
                endpoints.SetIdentity(endpoint.Id, number);
            }
        }
    }

    private IdentityAnswer Answer(Pod pod)
    {
        var ns = pod.Metadata.Namespace ?? "";
        if (!mirrors.AreUsable)
        {
            return IdentityAnswer.Lacks(
                "namespaces, policies and identities have not been read from the API server yet"
            );
        }

        if (mirrors.Namespaces.Get(new ObjectKey(null, ns)) is not { } home)
        {
            return IdentityAnswer.Lacks($"the API server has no namespace {ns}");
        }

        if (IdentityContent.Of(pod, home.Metadata.Labels, Volatile.Read(ref keys).Value.For(ns)) is not { } content)
        {
            return IdentityAnswer.Is(ReservedIdentity.Unmanaged);
        }

        return known.NumberOf(content.Name) is { } number
            ? IdentityAnswer.Is(number)
            : IdentityAnswer.Lacks($"weft-operator has not made the WeftIdentity {content.Name}; is it running?");
    }

    // Read when somebody asks, once after each change.
    private Lazy<PolicyKeys> ReadKeys() => new(() => history.Keys(mirrors.Policies.List(), time.GetUtcNow()));

    /// <summary>How long until keys of a policy that is gone stop counting; null when there are none.</summary>
    private TimeSpan? NextKeys() => history.UntilNext(time.GetUtcNow());

    private Pod? Find(PodReference reference) =>
        mirrors.Pods.Get(new ObjectKey(reference.Namespace, reference.Name)) is { } pod && IsIt(pod, reference)
            ? pod
            : null;

    private static bool IsIt(Pod pod, PodReference reference) =>
        string.IsNullOrEmpty(reference.Uid)
        || pod.Metadata.Uid == reference.Uid
        || pod.Metadata.Annotations?.GetValueOrDefault(PodMirrors.StaticPodHash) == reference.Uid;

    private Pod? Ask(PodReference reference)
    {
        var key = new ObjectKey(reference.Namespace, reference.Name);
        try
        {
            var pod = contact
                .AskAsync(ct => client.FindAsync(Kinds.Pods, key, ct), CancellationToken.None)
                .GetAwaiter()
                .GetResult();
            return pod is not null && IsIt(pod, reference) ? pod : null;
        }
        catch (KubernetesException)
        {
            // Away: told by the contact. Refused: the watch may still bring it.
            return null;
        }
    }

    private void Pulse()
    {
        changed.Set();
        lock (gate)
        {
            changes++;
            Monitor.PulseAll(gate);
        }
    }

    private void Wait(long seen, TimeSpan atMost)
    {
        lock (gate)
        {
            if (changes == seen && atMost > TimeSpan.Zero)
            {
                Monitor.Wait(gate, atMost);
            }
        }
    }

    private static bool SameLabels(Namespace a, Namespace b) =>
        (a.Metadata.Labels ?? new Dictionary<string, string>())
            .OrderBy(label => label.Key, StringComparer.Ordinal)
            .SequenceEqual(
                (b.Metadata.Labels ?? new Dictionary<string, string>()).OrderBy(l => l.Key, StringComparer.Ordinal)
            );

    [LoggerMessage(LogLevel.Error, "A pod's new identity cannot be put in place; it is tried again")]
    private partial void LogFailed(Exception exception);
}
