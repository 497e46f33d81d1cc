using Weft.Kubernetes.Objects;

namespace Weft.Services.Frontends;

/// <summary>
/// Who has which address and port. Several Services may claim one: the first by kind, then by age, then by name has
/// it, whichever came first to this node, so that all nodes agree.
/// </summary>
internal sealed class FrontendTable
{
    private readonly Dictionary<TransportAddress, Claim[]> claims = [];

    public IEnumerable<Frontend> All => claims.Values.Select(ofKey => ofKey[0].Frontend);

    public Frontend? Find(TransportAddress key) => claims.GetValueOrDefault(key)?[0].Frontend;

    /// <summary>All who claim this, the one who has it first.</summary>
    public IEnumerable<Frontend> Claimants(TransportAddress key) =>
        claims.GetValueOrDefault(key, []).Select(claim => claim.Frontend);

    /// <summary>Puts a Service's claim in place of the one it had.</summary>
    public void Set(Claim claim)
    {
        var key = claim.Frontend.Key;
        claims[key] = claims.TryGetValue(key, out var ofKey)
            ? [.. ofKey.Where(other => other.Service != claim.Service).Append(claim).Order()]
            : [claim];
    }

    public void Remove(TransportAddress key, ObjectKey service)
    {
        Claim[] left = [.. claims[key].Where(claim => claim.Service != service)];
        if (left.Length > 0)
        {
            claims[key] = left;
        }
        else
        {
            claims.Remove(key);
        }
    }
}

/// <summary>A Service's wish for a frontend.</summary>
/// <param name="Frontend">The wish.</param>
/// <param name="Created">The Service's age.</param>
internal sealed record Claim(Frontend Frontend, DateTimeOffset Created) : IComparable<Claim>
{
    public ObjectKey Service => Frontend.Port.Service;

    public int CompareTo(Claim? other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Frontend.Kind != other.Frontend.Kind ? Frontend.Kind.CompareTo(other.Frontend.Kind)
            : Created != other.Created ? Created.CompareTo(other.Created)
            : string.CompareOrdinal($"{Service}", $"{other.Service}");
    }
}
