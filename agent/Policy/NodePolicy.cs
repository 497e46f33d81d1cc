using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Weft.Agent.Endpoints;
using Weft.Bpf;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy;
using Weft.Policy.Entries;
using Weft.Policy.Identities;
using Weft.Policy.Peers;
using Weft.Policy.Rules;
using Weft.Policy.Sets;
using Weft.Resources;
using Endpoint = Weft.Agent.Endpoints.Endpoint;

namespace Weft.Agent.Policy;

/// <summary>
/// NetworkPolicy on this node: from the objects to the word of each pod. Nothing is ever half in force: a changed set is
/// written under a new number, then all pods move at once; what identities add to the sets is there before anybody has
/// the identity; and what cannot be written leaves pods under what they had, or closed.
/// </summary>
internal sealed partial class NodePolicy
{
    /// <summary>Isolated both ways by a set that never has entries.</summary>
    private static readonly PolicyWord Closed = PolicyWord.Of(0, ingress: true, egress: true);

    // Several changes that come together are one; too short for a person to see.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan BetweenLooksForGone = TimeSpan.FromSeconds(10);

    private readonly EndpointsMap endpoints;
    private readonly InstalledSets sets;
    private readonly PolicyInputs inputs;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Signal changed = new();
    private readonly ChangeLoop loop;
    private readonly PolicyEngine engine = new();
    private readonly PolicyVersions versions = new();
    private readonly Dictionary<uint, WeftIdentitySpec> identities = [];
    private readonly HashSet<uint> gone = [];
    private readonly PolicyFailures failures = new();
    private bool saidForce;
    private Lazy<ILookup<uint, Ip>> addresses;
    private bool hangsOnPeers;

    /// <param name="endpoints">This node's pods; they ask here for their words from now on.</param>
    /// <param name="maps">Where sets go.</param>
    /// <param name="inputs">The objects.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">For what does not fit.</param>
    public NodePolicy(EndpointsMap endpoints, PolicyMaps maps, PolicyInputs inputs, TimeProvider time, ILogger logger)
    {
        (this.endpoints, this.inputs, this.time, this.logger) = (endpoints, inputs, time, logger);
        loop = new ChangeLoop("Putting the policies into force", changed, Settle, time, logger);
        sets = new InstalledSets(maps, endpoints.NumbersInMap());
        addresses = ReadAddresses();
        endpoints.Follow(WordOf);
        endpoints.Changed += changed.Set;
    }

    /// <summary>All policies are in force for the first time. Until then pods stay under those of before a restart.</summary>
    public event Action? TookForce;

    /// <summary>A policy does not hold for all pods it selects, and why.</summary>
    public event Action<ObjectKey, string>? Failed;

    /// <summary>Policies were put into force, or not, and how long that took.</summary>
    public event Action<TimeSpan, bool>? Enforced
    {
        add => loop.Applied += value;
        remove => loop.Applied -= value;
    }

    /// <summary>True from <see cref="TookForce"/> on.</summary>
    public bool IsInForce { get; private set; }

    /// <summary>Policies, pods or namespaces have changed.</summary>
    public void Changed() => changed.Set();

    /// <summary>Other nodes' pods have changed.</summary>
    public void PeersChanged()
    {
        if (Volatile.Read(ref hangsOnPeers))
        {
            changed.Set();
        }
    }

    /// <summary>
    /// An identity stands for this from now on, or for nothing. When this returns it is in all sets that name it, and may
    /// be used. One that is given up stays in them while somebody has it.
    /// </summary>
    public void Identify(uint number, WeftIdentitySpec? spec)
    {
        lock (endpoints.Gate)
        {
            if (spec is null)
            {
                gone.Add(number);
            }
            else
            {
                gone.Remove(number);
                if (identities.TryGetValue(number, out var old))
                {
                    if (IdentityContent.Of(old).Equals(IdentityContent.Of(spec)))
                    {
                        return;
                    }

                    sets.Remove(number);
                }

                var identity = PolicyIdentity.Of(spec);
                identities[number] = spec;
                engine.Set(identity);
                sets.Add(identity);
            }
        }

        changed.Set();
    }

    /// <summary>Puts what changes into force until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation)
    {
        changed.Set();
        return loop.RunAsync(Enforce, NextLook, cancellation);
    }

    /// <summary>Puts the policies as they are now into force.</summary>
    public void Enforce()
    {
        lock (endpoints.Gate)
        {
            addresses = ReadAddresses();
            if (!Adopt())
            {
                return;
            }

            IsInForce = true;
            ForgetGone();
            failures.Clear();
            endpoints.Switch();
            foreach (var set in sets.Incomplete)
            {
                failures.Note(set.Content.Set, "the map policy has no room for all of its entries");
            }

            foreach (var (policy, problem) in failures.Untold())
            {
                LogNotInForce(policy, problem);
                Failed?.Invoke(policy, problem);
            }

            if (sets.Retire(NumbersInUse(), time.GetUtcNow()))
            {
                sets.Complete();
                // What did not fit may now.
                if (failures.ByPolicy.Count > 0)
                {
                    changed.Set();
                }
            }

            Volatile.Write(ref hangsOnPeers, versions.Waiting.Count > 0 || addresses.IsValueCreated);
        }

        if (!saidForce)
        {
            saidForce = true;
            TookForce?.Invoke();
        }
    }

    /// <summary>For people and tools.</summary>
    public PolicyState State(uint epoch)
    {
        lock (endpoints.Gate)
        {
            return new PolicyState(
                IsInForce,
                epoch,
                versions.Count,
                sets.Count,
                [.. versions.Waiting.Select(policy => new WaitingPolicy(policy.Key.ToString(), policy.Value))],
                [.. failures.ByPolicy.Select(policy => new PolicyNotInForce(policy.Key.ToString(), policy.Value))]
            );
        }
    }

    /// <summary>Whether a version of the policy of this name, namespace/name, is in force.</summary>
    public bool Follows(string name)
    {
        lock (endpoints.Gate)
        {
            return name.Split('/') is [var space, var own] && versions.Has(new ObjectKey(space, own));
        }
    }

    /// <summary>The set of a word, for people; null when it has none.</summary>
    public PolicySetName? NameOf(PolicyWord word)
    {
        lock (endpoints.Gate)
        {
            return word == default ? null
                : word.Set == Closed.Set
                    ? new PolicySetName(
                        0,
                        [],
                        [],
                        "closed: its policies could not be put into force; see the agent's state"
                    )
                : sets.NameOf(word.Set)
                    ?? new PolicySetName(
                        word.Set,
                        [],
                        [],
                        "of before the agent's start; its policies are not known any more"
                    );
        }
    }

    /// <summary>The rule that an entry of the word's set names.</summary>
    public string? RuleOf(PolicyWord word, PolicyValue entry)
    {
        lock (endpoints.Gate)
        {
            return sets.RuleOf(word.Set, entry.Rule);
        }
    }

    /// <summary>Takes over the policies that can be judged by now; false when it is too early to put anything in force.</summary>
    private bool Adopt()
    {
        if (!inputs.AreUsable())
        {
            return false;
        }

        var isFirst = !IsInForce;
        if (isFirst && !inputs.AreFresh())
        {
            // For pods that come meanwhile. Those that are there stay under what they have, which is not older.
            Take(versions.Follow(inputs.Policies(), _ => true, time.GetUtcNow()));
            return false;
        }

        var policies = inputs.Policies();
        var inUse = new Lazy<IdentitiesInUse>(() => new IdentitiesInUse(SpecsInUse(), policies));
        var changes = versions.Follow(policies, policy => inUse.Value.Cover(policy), time.GetUtcNow());
        Take(changes);
        foreach (var policy in changes.Overdue)
        {
            LogOverdue(policy);
        }

        return !isFirst || versions.Waiting.Count == 0;
    }

    private void Take(VersionChanges changes)
    {
        foreach (var policy in changes.Set)
        {
            engine.Set(PolicyReader.Read(policy));
        }

        foreach (var policy in changes.Removed)
        {
            engine.Remove(policy);
        }
    }

    /// <summary>The word of a pod; what cannot be put in place leaves it the one it has, or closes it.</summary>
    private PolicyWord WordOf(Endpoint endpoint, PolicyWord? present)
    {
        if (!IsInForce)
        {
            if (present is { } inherited)
            {
                return inherited;
            }

            Adopt();
        }

        if (!inputs.AreUsable())
        {
            return Closed;
        }

        if (SetOf(endpoint) is not { } set)
        {
            return default;
        }

        return Installed(set) is { } installed
            ? installed.Content.Word(installed.Number, endpoint.Pod is { } pod && inputs.IsAudited(pod))
            : present ?? Closed;
    }

    /// <summary>The set of a pod's policies; null when none isolates it.</summary>
    private PolicySet? SetOf(Endpoint endpoint)
    {
        var set =
            engine.Find(endpoint.Identity) is { } identity ? engine.SetOf(identity)
            : endpoint.Pod is { } pod ? engine.SetOfUnidentified(pod.Namespace)
            : null;
        return set is { Ingress.IsolatedBy.Count: 0, Egress.IsolatedBy.Count: 0 } ? null : set;
    }

    private InstalledSet? Installed(PolicySet set)
    {
        if (!SetEntries.DependsOnAddresses(set) && sets.Of(set) is { } present)
        {
            return present;
        }

        if (failures.IsRefused(set))
        {
            return null;
        }

        var content = SetContent.Of(set, engine.Identities, AddressesOf);
        var installed = sets.TryInstall(content, out var problem);
        if (installed is null)
        {
            failures.Refuse(set, problem!);
        }

        return installed;
    }

    private void ForgetGone()
    {
        if (gone.Count == 0)
        {
            return;
        }

        var used = inputs.RemoteIdentities();
        var own = endpoints.Pods.Select(pod => pod.Endpoint.Identity).ToHashSet();
        foreach (var identity in gone.Where(identity => !used.Contains(identity) && !own.Contains(identity)).ToList())
        {
            gone.Remove(identity);
            identities.Remove(identity);
            sets.Remove(identity);
            engine.Remove(identity);
        }
    }

    private IEnumerable<WeftIdentitySpec> SpecsInUse() =>
        endpoints
            .Pods.Select(pod => pod.Endpoint.Identity)
            .Union(inputs.RemoteIdentities())
            .Select(number => identities.GetValueOrDefault(number))
            .OfType<WeftIdentitySpec>();

    private HashSet<uint> NumbersInUse() => [.. endpoints.Pods.Select(pod => pod.Word.Set)];

    private Lazy<ILookup<uint, Ip>> ReadAddresses() =>
        new(() =>
            endpoints
                .Pods.SelectMany(pod => pod.Endpoint.Ips.Select(ip => (pod.Endpoint.Identity, ip)))
                .Concat(inputs.RemoteAddresses().SelectMany(identity => identity.Select(ip => (identity.Key, ip))))
                .ToLookup(pod => pod.Item1, pod => pod.ip)
        );

    private IEnumerable<Ip> AddressesOf(uint identity) => addresses.Value[identity];

    /// <summary>When something is due that nobody announces.</summary>
    private TimeSpan? NextLook()
    {
        lock (endpoints.Gate)
        {
            return new[]
            {
                sets.AreEnding ? InstalledSets.Grace : (TimeSpan?)null,
                gone.Count > 0 ? BetweenLooksForGone : null,
                versions.UntilOverdue(time.GetUtcNow()),
            }.Min();
        }
    }

    [LoggerMessage(
        LogLevel.Error,
        "The policy {Policy} is not in force for all pods here: {Problem}; they stay under the policies of before, and new ones are closed"
    )]
    private partial void LogNotInForce(ObjectKey policy, string problem);

    [LoggerMessage(
        LogLevel.Warning,
        "The policy {Policy} is put into force though some pods have no identity yet that it can judge, after 5 s; is weft-operator running, and each node's agent?"
    )]
    private partial void LogOverdue(ObjectKey policy);
}
