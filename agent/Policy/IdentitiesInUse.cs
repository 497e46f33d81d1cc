using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;
using Weft.Resources;

namespace Weft.Agent.Policy;

/// <summary>The identities that pods have now, asked whether a policy can be judged by them. Pure.</summary>
internal sealed class IdentitiesInUse(
    IEnumerable<WeftIdentitySpec> identities,
    IReadOnlyCollection<NetworkPolicy> policies
)
{
    private readonly ILookup<string, WeftIdentitySpec> byNamespace = identities.ToLookup(identity =>
        identity.Namespace
    );
    private bool? coverAll;

    /// <summary>True when every identity was made for all keys by which this policy can tell pods apart.</summary>
    public bool Cover(NetworkPolicy policy)
    {
        // Most often they cover all policies together, which is found out once.
        coverAll ??= Cover(PolicyKeys.Of(policies));
        return coverAll.Value || Cover(PolicyKeys.Of([policy]));
    }

    private bool Cover(PolicyKeys keys) =>
        byNamespace.All(ns =>
        {
            var ofNamespace = keys.For(ns.Key);
            return ns.All(identity => identity.Covers(ofNamespace));
        });
}
