using Weft.Agent.Identities;
using Weft.Agent.Kubernetes;
using Weft.Kubernetes;
using Weft.Resources;

namespace Weft.Agent.Peers;

/// <summary>Brings the other nodes' slices, and what is known of identities, into the peers map.</summary>
internal static class RemotePods
{
    /// <summary>Follows them; what they are now comes as changes too, when they are seeded after this.</summary>
    public static void Follow(
        Mirror<RemoteSlice> slices,
        Mirror<WeftIdentity> identities,
        KnownIdentities known,
        PeersMap map
    )
    {
        known.Known += number => map.Change((desired, _) => desired.Known(number));
        // While not all identities are known, those that are not may well be there.
        identities.Fresh += () => map.Change((desired, _) => desired.SetKnown(known.IsKnown));
        slices.Changed += change => map.Change((desired, now) => Apply(desired, change, now));
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
