using Weft.Net;
using Weft.Policy.Peers;
using Weft.Policy.Rules;

namespace Weft.Policy.Sets;

/// <summary>A permission of a set: these peers, these ports.</summary>
/// <param name="Source">The rule it comes from.</param>
/// <param name="Peers">Who the other side may be.</param>
/// <param name="Ports">Of the destination. Names remain only in egress, where each peer resolves them.</param>
public sealed record SetRule(RuleSource Source, PeerGroup Peers, PortMatch Ports)
{
    /// <summary>True when it allows the connection.</summary>
    /// <param name="peer">The other side's identity; null when it is not a pod that policies can select.</param>
    /// <param name="address">The other side's address.</param>
    /// <param name="protocol">IP protocol number.</param>
    /// <param name="port">Port of the destination; 0 for a protocol without ports.</param>
    public bool Allows(PolicyIdentity? peer, Ip address, Transport protocol, ushort port) =>
        Peers.Contains(peer?.Id, address)
        && Ports switch
        {
            NumberedPorts numbered => (numbered.Protocol == Transport.Any || numbered.Protocol == protocol)
                && numbered.Range.Contains(port),
            NamedPort named => named.Protocol == protocol && peer is not null && peer.Resolve(named).Contains(port),
            _ => false,
        };
}
