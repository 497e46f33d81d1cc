using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy.Peers;
using Weft.Policy.Rules;

namespace Weft.Policy.Sets;

/// <summary>What a direction of a set allows.</summary>
/// <param name="IsolatedBy">The policies that isolate it; with none, everything is allowed.</param>
/// <param name="Rules">The union of what they allow.</param>
public sealed record SetDirection(IReadOnlyList<ObjectKey> IsolatedBy, IReadOnlyList<SetRule> Rules)
{
    /// <summary>Judges a connection, see <see cref="SetRule.Allows"/>.</summary>
    public Verdict Judge(PolicyIdentity? peer, Ip address, Transport protocol, ushort port)
    {
        if (IsolatedBy.Count == 0)
        {
            return Verdict.NotIsolated;
        }

        var rule = Rules.FirstOrDefault(rule => rule.Allows(peer, address, protocol, port));
        return new Verdict(rule is not null, rule?.Source, IsolatedBy);
    }
}

/// <summary>
/// The compiled policies of every pod that the same policies select in the same way. Pods share it, whatever their
/// number.
/// </summary>
/// <param name="Key">Equal for identities that share the set.</param>
/// <param name="Ingress">For what comes to the pod.</param>
/// <param name="Egress">For what leaves it.</param>
public sealed record PolicySet(string Key, SetDirection Ingress, SetDirection Egress)
{
    /// <summary>The direction's part.</summary>
    public SetDirection Of(Direction direction) => direction == Direction.Ingress ? Ingress : Egress;
}
