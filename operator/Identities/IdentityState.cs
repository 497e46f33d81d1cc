using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;
using Weft.Resources;

namespace Weft.Operator.Identities;

/// <summary>What is to be done about the identity of a name.</summary>
internal abstract record IdentityStep
{
    /// <summary>Nothing.</summary>
    public sealed record Nothing : IdentityStep;

    /// <summary>Make it; the number is reserved.</summary>
    public sealed record Create(IdentityContent Content, uint Number) : IdentityStep;

    /// <summary>All numbers are in use.</summary>
    public sealed record NoNumber : IdentityStep;

    /// <summary>Remove it.</summary>
    public sealed record Delete(WeftIdentity Identity, string Why) : IdentityStep;

    /// <summary>Nobody needs it; look again then.</summary>
    public sealed record LookAgain(TimeSpan After) : IdentityStep;
}

/// <summary>
/// Identities that pods need, identities there are, and slices that name them: the desired state, the actual one, and the
/// step between them for each name. Every method returns the names that something changed for. Pure; for one thread at a
/// time.
/// </summary>
internal sealed class IdentityState(TimeSpan grace)
{
    private readonly IdentityDemand demand = new();
    private readonly IdentityBook book = new();
    private readonly SliceReferences references = new();
    private readonly Dictionary<string, DateTimeOffset> unusedSince = [];

    /// <summary>How many identities pods need.</summary>
    public int Wanted => demand.Count;

    /// <summary>How many there are.</summary>
    public int Count => book.Count;

    /// <summary>How many pods have one.</summary>
    public int Pods => demand.Pods;

    /// <summary>All names there is anything about.</summary>
    public IReadOnlyCollection<string> Names => [.. demand.Names.Union(book.Names)];

    public IEnumerable<string> Follow(ObjectKey key, Pod? pod) => pod is null ? demand.Remove(key) : demand.Set(pod);

    public IEnumerable<string> Follow(ObjectKey key, Namespace? ns)
    {
        if (ns is not null)
        {
            return demand.Set(ns);
        }

        demand.RemoveNamespace(key.Name);
        return [];
    }

    public IEnumerable<string> Follow(PolicyKeys keys) => demand.Set(keys);

    public IEnumerable<string> Follow(WeftEndpointSlice? old, WeftEndpointSlice? now) =>
        references.Follow(old, now).SelectMany(book.Holders).ToList();

    public IEnumerable<string> Follow(ObjectKey key, WeftIdentity? identity)
    {
        var old = book.Find(key.Name);
        book.Remove(key.Name);
        if (identity is not null)
        {
            book.Set(identity);
        }

        // The others of its number too: with it, or without it, one of them may be in the wrong or in the right.
        return new[] { old?.Spec.Id, identity?.Spec.Id }
            .OfType<uint>()
            .SelectMany(book.Holders)
            .Append(key.Name)
            .Distinct()
            .ToList();
    }

    /// <summary>What is to be done about a name now.</summary>
    public IdentityStep StepFor(string name, DateTimeOffset now)
    {
        var content = demand.Find(name);
        if (book.Find(name) is not { } identity)
        {
            unusedSince.Remove(name);
            if (content is not null)
            {
                return book.Reserve(content) is { } number
                    ? new IdentityStep.Create(content, number)
                    : new IdentityStep.NoNumber();
            }

            book.Unreserve(name);
            return new IdentityStep.Nothing();
        }

        if (IdentityContent.Of(identity.Spec).Name != name)
        {
            return new IdentityStep.Delete(identity, "its name does not follow from its content");
        }

        if (book.Holders(identity.Spec.Id) is [var oldest, ..] && oldest != name)
        {
            return new IdentityStep.Delete(identity, $"{oldest} has had its number before");
        }

        if (content is not null || references.Has(identity.Spec.Id))
        {
            unusedSince.Remove(name);
            return new IdentityStep.Nothing();
        }

        unusedSince.TryAdd(name, now);
        var left = unusedSince[name] + grace - now;
        return left > TimeSpan.Zero
            ? new IdentityStep.LookAgain(left)
            : new IdentityStep.Delete(identity, "no pod has it any more");
    }
}
