namespace Weft.Contracts;

/// <summary>A connection to judge as the datapath would judge its first packet now.</summary>
/// <param name="Source">Address of the end that opens it.</param>
/// <param name="Destination">Address of the other end.</param>
/// <param name="Protocol">IP protocol number.</param>
/// <param name="Port">Port of the destination; 0 for a protocol without ports.</param>
public sealed record PolicyQuestion(string Source, string Destination, byte Protocol, ushort Port);

/// <summary>
/// What this node's maps say to a connection. A node judges the ends that are its own pods; the other ends are judged by
/// theirs.
/// </summary>
/// <param name="Epoch">The state of policy it was judged as of.</param>
/// <param name="Egress">What the source's policies say; null when the source is no pod of this node.</param>
/// <param name="Ingress">What the destination's say; null when it is no pod of this node.</param>
public sealed record PolicyAnswer(uint Epoch, PolicySide? Egress, PolicySide? Ingress);

/// <summary>What one pod's policies say to a connection.</summary>
/// <param name="Verdict">Whether it passes, and by what.</param>
/// <param name="Pod">The pod, when the runtime named it.</param>
/// <param name="Identity">What policies see of the pod.</param>
/// <param name="PeerIdentity">What they see of the other end.</param>
/// <param name="Audit">What is denied is counted, and let through.</param>
/// <param name="Set">The pod's policy set; null when no policy selects it.</param>
/// <param name="Rule">The rule that allows it, such as "shop/web ingress[0]"; null when none does.</param>
public sealed record PolicySide(
    PolicyVerdict Verdict,
    PodReference? Pod,
    uint Identity,
    uint PeerIdentity,
    bool Audit,
    PolicySetName? Set,
    string? Rule
);

/// <summary>How one side judges.</summary>
public enum PolicyVerdict
{
    /// <summary>No policy isolates the pod in this direction.</summary>
    NotIsolated,

    /// <summary>A pod's own node always reaches it.</summary>
    OwnNode,

    /// <summary>A rule allows it.</summary>
    Allowed,

    /// <summary>The pod is isolated, and no rule allows it.</summary>
    Denied,
}

/// <summary>A policy set, and where it comes from.</summary>
/// <param name="Number">Its number in the maps policy and policy_blocks.</param>
/// <param name="Ingress">Policies that isolate its pods for what comes to them, as namespace/name.</param>
/// <param name="Egress">Policies that isolate them for what leaves them.</param>
/// <param name="Note">What is peculiar about it, in a sentence: the pod is closed for want of room, or its set is one of
/// before the agent's start; null most often.</param>
public sealed record PolicySetName(
    uint Number,
    IReadOnlyList<string> Ingress,
    IReadOnlyList<string> Egress,
    string? Note = null
);

/// <summary>What a pod's policies have denied lately, one entry for each peer, port and direction.</summary>
/// <param name="Last">The last time.</param>
/// <param name="Packets">How many packets since it was first noted.</param>
/// <param name="Direction">"ingress" (to the pod) or "egress" (from it).</param>
/// <param name="PodAddress">The pod whose policies denied it.</param>
/// <param name="Pod">The same, when it is there still and the runtime named it.</param>
/// <param name="PeerAddress">The other end.</param>
/// <param name="Peer">The same, when it is a pod of this node.</param>
/// <param name="PeerIdentity">What policies see of the other end.</param>
/// <param name="Protocol">IP protocol number.</param>
/// <param name="Port">Port of the connection's destination.</param>
/// <param name="Audit">It was let through for audit.</param>
/// <param name="Set">The set that has no rule for it.</param>
public sealed record DenialState(
    DateTimeOffset Last,
    ulong Packets,
    string Direction,
    string PodAddress,
    PodReference? Pod,
    string PeerAddress,
    PodReference? Peer,
    uint PeerIdentity,
    byte Protocol,
    ushort Port,
    bool Audit,
    PolicySetName Set
);
