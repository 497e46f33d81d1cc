using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;

namespace Weft.Operator.Identities;

/// <summary>
/// Which identities the pods need, kept in step with pods, namespaces and policies. A change costs no more than the pods
/// it concerns: one for a pod's, those of the namespace for a namespace's label that policies name, those of the
/// namespaces whose keys change for a policy's. Pure; for one thread at a time.
/// </summary>
internal sealed class IdentityDemand
{
    private readonly Dictionary<string, NamespacePods> namespaces = [];
    private readonly Dictionary<string, Wanted> wanted = [];
    private PolicyKeys policies = PolicyKeys.Of([]);

    /// <summary>How many identities are wanted.</summary>
    public int Count => wanted.Count;

    /// <summary>Names of all that are wanted.</summary>
    public IReadOnlyCollection<string> Names => wanted.Keys;

    /// <summary>How many pods have one.</summary>
    public int Pods { get; private set; }

    /// <summary>The content of a wanted identity, or null when no pod needs one of this name.</summary>
    public IdentityContent? Find(string name) => wanted.GetValueOrDefault(name)?.Content;

    /// <summary>Takes in a pod as it is now.</summary>
    /// <returns>Names that became wanted or unwanted by it.</returns>
    public IReadOnlySet<string> Set(Pod pod)
    {
        if (pod.Spec?.HostNetwork == true || pod.Status?.Phase is "Succeeded" or "Failed")
        {
            return Remove(ObjectKey.Of(pod));
        }

        var changed = new HashSet<string>();
        var ns = NamespaceOf(pod.Metadata.Namespace ?? "");
        var name = pod.Metadata.Name!;
        var old = ns.Pods.GetValueOrDefault(name);
        if (old is not null && old.LooksAs(pod))
        {
            return changed;
        }

        var state = new PodState(pod) { Identity = old?.Identity };
        ns.Pods[name] = state;
        Judge(ns, state, changed);
        return changed;
    }

    /// <summary>Forgets a pod.</summary>
    /// <returns>Names that became unwanted by it.</returns>
    public IReadOnlySet<string> Remove(ObjectKey pod)
    {
        var changed = new HashSet<string>();
        if (
            namespaces.TryGetValue(pod.Namespace ?? "", out var ns)
            && ns.Pods.Remove(pod.Name, out var state)
            && state.Identity is { } identity
        )
        {
            Release(identity, changed);
        }

        return changed;
    }

    /// <summary>Takes in a namespace's labels. Until they are known, its pods have no identity.</summary>
    /// <returns>Names that became wanted or unwanted by it.</returns>
    public IReadOnlySet<string> Set(Namespace @namespace)
    {
        var ns = NamespaceOf(@namespace.Metadata.Name!);
        var old = ns.Labels;
        ns.Labels = @namespace.Metadata.Labels ?? new Dictionary<string, string>();
        var same =
            old is not null
            && ns.Keys.NamespaceLabels.All(key => old.GetValueOrDefault(key) == ns.Labels.GetValueOrDefault(key));
        return same ? new HashSet<string>() : JudgeAll([ns], keys: null);
    }

    /// <summary>Forgets a namespace. Its pods go on their own.</summary>
    public void RemoveNamespace(string name)
    {
        if (namespaces.TryGetValue(name, out var ns) && ns.Pods.Count == 0)
        {
            namespaces.Remove(name);
        }
    }

    /// <summary>Takes in what policies can tell pods apart by now.</summary>
    /// <returns>Names that became wanted or unwanted by it.</returns>
    public IReadOnlySet<string> Set(PolicyKeys keys)
    {
        policies = keys;
        return JudgeAll(namespaces.Values.Where(ns => !ns.Keys.Equals(keys.For(ns.Name))), keys);
    }

    private HashSet<string> JudgeAll(IEnumerable<NamespacePods> all, PolicyKeys? keys)
    {
        var changed = new HashSet<string>();
        foreach (var ns in all)
        {
            ns.Keys = keys?.For(ns.Name) ?? ns.Keys;
            foreach (var pod in ns.Pods.Values)
            {
                Judge(ns, pod, changed);
            }
        }

        return changed;
    }

    private void Judge(NamespacePods ns, PodState pod, HashSet<string> changed)
    {
        if (ns.Labels is null)
        {
            return;
        }

        var content = IdentityContent.Of(ns.Name, pod.Labels, ns.Labels, pod.Ports, ns.Keys);
        if (pod.Identity?.Content.Name == content.Name)
        {
            return;
        }

        var old = pod.Identity;
        pod.Identity = Take(content, changed);
        if (old is not null)
        {
            Release(old, changed);
        }
    }

    private Wanted Take(IdentityContent content, HashSet<string> changed)
    {
        if (!wanted.TryGetValue(content.Name, out var entry))
        {
            wanted[content.Name] = entry = new Wanted(content);
            changed.Add(content.Name);
        }

        entry.Pods++;
        Pods++;
        return entry;
    }

    private void Release(Wanted entry, HashSet<string> changed)
    {
        Pods--;
        if (--entry.Pods == 0)
        {
            wanted.Remove(entry.Content.Name);
            changed.Add(entry.Content.Name);
        }
    }

    private NamespacePods NamespaceOf(string name)
    {
        if (!namespaces.TryGetValue(name, out var ns))
        {
            namespaces[name] = ns = new NamespacePods(name) { Keys = policies.For(name) };
        }

        return ns;
    }

    /// <summary>An identity and how many pods need it.</summary>
    private sealed class Wanted(IdentityContent content)
    {
        public IdentityContent Content => content;

        public int Pods { get; set; }
    }

    private sealed class NamespacePods(string name)
    {
        public string Name => name;

        public IReadOnlyDictionary<string, string>? Labels { get; set; }

        public required PodKeys Keys { get; set; }

        public Dictionary<string, PodState> Pods { get; } = [];
    }

    /// <summary>What identities are made of, and the one that was.</summary>
    private sealed class PodState(Pod pod)
    {
        public IReadOnlyDictionary<string, string>? Labels { get; } = pod.Metadata.Labels;

        public IReadOnlyList<Resources.WeftIdentityPort> Ports { get; } = NamedPorts.Of(pod);

        public Wanted? Identity { get; set; }

        /// <summary>True for the many changes of a pod that no policy can see.</summary>
        public bool LooksAs(Pod other) =>
            Ports.SequenceEqual(NamedPorts.Of(other))
            && (Labels?.Count ?? 0) == (other.Metadata.Labels?.Count ?? 0)
            && (Labels is null || Labels.All(label => Has(other.Metadata.Labels, label)));

        private static bool Has(IReadOnlyDictionary<string, string>? labels, KeyValuePair<string, string> wanted) =>
            labels is not null && labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value;
    }
}
