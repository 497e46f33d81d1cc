using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Policy.Identities;

/// <summary>
/// All that policies can see of a pod. Pods that are alike in it share an identity. The operator and the agents work it
/// out each on their own and meet at the <see cref="Name"/>, so the canonical form is part of the API: a change of it is
/// a change of every identity.
/// </summary>
public sealed class IdentityContent : IEquatable<IdentityContent>
{
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    // 100 bits: nobody finds two contents of one name by trying.
    private const int NameDigits = 20;
    private readonly byte[] hash;

    private IdentityContent(string canonical, WeftIdentitySpec spec)
    {
        Canonical = canonical;
        Unnumbered = spec;
        hash = SHA256.HashData(Encoding.UTF8.GetBytes(canonical));
        Name = $"{spec.Namespace}-{Digits(hash)}";
    }

    /// <summary>One line for each fact, in order. No text of an API object that is used here has a line break.</summary>
    public string Canonical { get; }

    /// <summary>Name of the WeftIdentity: the namespace and a hash of the canonical form.</summary>
    public string Name { get; }

    /// <summary>The identity as an object has it, with number 0.</summary>
    public WeftIdentitySpec Unnumbered { get; }

    /// <summary>The number this content gets unless another has it already.</summary>
    public uint PreferredNumber =>
        IdentityNumbers.InRange(BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(hash.Length - sizeof(uint))));

    /// <summary>What policies with these keys see of a pod; null for one on its node's own network.</summary>
    public static IdentityContent? Of(Pod pod, IReadOnlyDictionary<string, string>? namespaceLabels, PodKeys keys) =>
        pod.Spec?.HostNetwork == true
            ? null
            : Of(pod.Metadata.Namespace ?? "", pod.Metadata.Labels, namespaceLabels, NamedPorts.Of(pod), keys);

    /// <summary>What policies with these keys see of a pod.</summary>
    public static IdentityContent Of(
        string ns,
        IReadOnlyDictionary<string, string>? labels,
        IReadOnlyDictionary<string, string>? namespaceLabels,
        IEnumerable<WeftIdentityPort> ports,
        PodKeys keys
    )
    {
        var own = ports.ToLookup(port => new PortName(port.Name, port.Protocol));
        return Of(
            new WeftIdentitySpec
            {
                Id = 0,
                Namespace = ns,
                Labels = Present(labels, keys.Labels),
                AbsentLabels = Absent(labels, keys.Labels),
                NamespaceLabels = Present(namespaceLabels, keys.NamespaceLabels),
                AbsentNamespaceLabels = Absent(namespaceLabels, keys.NamespaceLabels),
                Ports = OrNull(keys.Ports.SelectMany(name => own[name])),
                AbsentPorts = OrNull(keys.Ports.Where(name => !own.Contains(name)).Select(name => name.ToString())),
            }
        );
    }

    /// <summary>The content of an identity that is there; its number does not matter.</summary>
    public static IdentityContent Of(WeftIdentitySpec spec)
    {
        var text = new StringBuilder();
        Line(text, "namespace", spec.Namespace);
        Lines(text, "label", spec.Labels);
        Lines(text, "no label", spec.AbsentLabels);
        Lines(text, "namespace label", spec.NamespaceLabels);
        Lines(text, "no namespace label", spec.AbsentNamespaceLabels);
        var ports = (spec.Ports ?? [])
            .Select(port => $"{port.Name} {port.Protocol} {port.Port.ToString(CultureInfo.InvariantCulture)}")
            .Distinct();
        Lines(text, "port", [.. ports]);
        Lines(text, "no port", spec.AbsentPorts);
        return new IdentityContent(text.ToString(), spec with { Id = 0 });
    }

    /// <summary>The object of this content.</summary>
    public WeftIdentity ToIdentity(uint number) =>
        new()
        {
            ApiVersion = WeftGroup.ApiVersion,
            Kind = nameof(WeftIdentity),
            Metadata = new ObjectMeta { Name = Name },
            Spec = Unnumbered with { Id = number },
        };

    /// <inheritdoc/>
    public bool Equals(IdentityContent? other) => other is not null && Canonical == other.Canonical;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IdentityContent);

    /// <inheritdoc/>
    public override int GetHashCode() => Canonical.GetHashCode(StringComparison.Ordinal);

    /// <summary>The canonical form.</summary>
    public override string ToString() => Canonical;

    private static SortedDictionary<string, string>? Present(
        IReadOnlyDictionary<string, string>? labels,
        IReadOnlyList<string> keys
    )
    {
        var present = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (labels is not null && labels.TryGetValue(key, out var value))
            {
                present[key] = value;
            }
        }

        return present.Count > 0 ? present : null;
    }

    private static List<string>? Absent(IReadOnlyDictionary<string, string>? labels, IReadOnlyList<string> keys) =>
        OrNull(keys.Where(key => labels?.ContainsKey(key) != true));

    private static List<T>? OrNull<T>(IEnumerable<T> items) => items.ToList() is { Count: > 0 } list ? list : null;

    private static void Lines(StringBuilder text, string what, IReadOnlyDictionary<string, string>? labels) =>
        Lines(text, what, [.. (labels ?? new Dictionary<string, string>()).Select(l => $"{l.Key}={l.Value}")]);

    private static void Lines(StringBuilder text, string what, IReadOnlyList<string>? facts)
    {
        foreach (var fact in (facts ?? []).Order(StringComparer.Ordinal))
        {
            Line(text, what, fact);
        }
    }

    private static void Line(StringBuilder text, string what, string fact) =>
        text.Append(what).Append(' ').Append(fact).Append('\n');

    private static string Digits(ReadOnlySpan<byte> hash)
    {
        var digits = new char[NameDigits];
        for (var i = 0; i < NameDigits; i++)
        {
            var bit = i * 5;
            var pair = BinaryPrimitives.ReadUInt16BigEndian(hash[(bit / 8)..]);
            digits[i] = Base32[(pair >> (11 - (bit % 8))) & 31];
        }

        return new string(digits);
    }
}
