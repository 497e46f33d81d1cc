using Weft.Agent.Identities;
using Weft.Agent.Kubernetes;
using Weft.Agent.Policy;
using Weft.Kubernetes;

namespace Weft.Agent.Peers;

/// <summary>Brings the other nodes' slices, and what is known of identities, into the peers map.</summary>
internal static class RemotePods
{
    /// <summary>Follows them; what they are now comes as changes too, when they are seeded after this.</summary>
    public static void Follow(Mirror<RemoteSlice> slices, KnownIdentities known, NodePolicy policy, PeersMap map)
    {
        known.Known += number =>
        {
            if (policy.IsInForce)
            {
                map.Change((desired, _) => desired.Known(number));
            }
        };
        policy.TookForce += () => map.Change((desired, _) => desired.SetKnown(known.IsKnown));
        slices.Changed += change => map.Change((desired, now) => Apply(desired, change, now));
    }

    /// <summary>
    /// All that was written down before a restart is there. Identities that have come since are in none of the policy sets
    /// of before: whose pods have them waits for the new sets.
    /// </summary>
    public static void Seeded(KnownIdentities known, PeersMap map)
    {
        var before = known.Numbers();
        map.Change((desired, _) => desired.SetKnown(before.Contains));
    }

    private static void Apply(DesiredPeers desired, Change<RemoteSlice> change, DateTimeOffset now)
    {
        if (change.New is { NodeName: { } node } slice)
        {
            desired.SetSlice(change.Key.Name, node, slice.Endpoints ?? [], now);
        }
        else
        {
            desired.RemoveSlice(change.Key.Name, now);
        }
    }
}
