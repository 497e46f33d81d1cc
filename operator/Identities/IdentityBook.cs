using Weft.Policy.Identities;
using Weft.Resources;

namespace Weft.Operator.Identities;

/// <summary>The identities there are, by name and by number. Pure; for one thread at a time.</summary>
internal sealed class IdentityBook
{
    private readonly Dictionary<string, WeftIdentity> byName = [];
    private readonly Dictionary<uint, SortedSet<WeftIdentity>> byNumber = [];

    // Numbers of objects that are being made, until the watch shows them: the server has them, or is about to.
    private readonly Dictionary<uint, string> reserved = [];

    /// <summary>How many there are.</summary>
    public int Count => byName.Count;

    /// <summary>Names of all.</summary>
    public IReadOnlyCollection<string> Names => byName.Keys;

    /// <summary>The identity of this name.</summary>
    public WeftIdentity? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Takes in an identity.</summary>
    public void Set(WeftIdentity identity)
    {
        Remove(identity.Metadata.Name!);
        Unreserve(identity.Metadata.Name!);
        byName[identity.Metadata.Name!] = identity;
        if (!byNumber.TryGetValue(identity.Spec.Id, out var holders))
        {
            byNumber[identity.Spec.Id] = holders = new(Comparer<WeftIdentity>.Create(ByAge));
        }

        holders.Add(identity);
    }

    /// <summary>Forgets an identity.</summary>
    public void Remove(string name)
    {
        if (byName.Remove(name, out var old) && byNumber.TryGetValue(old.Spec.Id, out var holders))
        {
            holders.Remove(old);
            if (holders.Count == 0)
            {
                byNumber.Remove(old.Spec.Id);
            }
        }
    }

    /// <summary>Names of those who have the number, the oldest first. More than one is a fault to repair.</summary>
    public IReadOnlyList<string> Holders(uint number) =>
        byNumber.TryGetValue(number, out var holders) ? [.. holders.Select(holder => holder.Metadata.Name!)] : [];

    /// <summary>
    /// A number for this content, which nobody else gets until the identity is in the book or the name is
    /// <see cref="Unreserve">given up</see>. Asked again, it is the same: an attempt whose end is not known may have worked.
    /// </summary>
    public uint? Reserve(IdentityContent content)
    {
        var number = IdentityNumbers.Pick(
            content.PreferredNumber,
            number =>
                byNumber.ContainsKey(number) || (reserved.TryGetValue(number, out var name) && name != content.Name)
        );
        if (number is { } picked)
        {
            Unreserve(content.Name);
            reserved[picked] = content.Name;
        }

        return number;
    }

    /// <summary>The name needs no number.</summary>
    public void Unreserve(string name)
    {
        foreach (var (number, _) in reserved.Where(entry => entry.Value == name))
        {
            reserved.Remove(number);
        }
    }

    private static int ByAge(WeftIdentity a, WeftIdentity b) =>
        Nullable.Compare(a.Metadata.CreationTimestamp, b.Metadata.CreationTimestamp) is var order and not 0
            ? order
            : string.CompareOrdinal(a.Metadata.Name, b.Metadata.Name);
}
