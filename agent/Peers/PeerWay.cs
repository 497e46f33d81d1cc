using Weft.Datapath;
using Weft.Net;

namespace Weft.Agent.Peers;

/// <summary>How packets get to the pods of another node.</summary>
/// <param name="V4">For IPv4, without the identity.</param>
/// <param name="V6">For IPv6, without the identity.</param>
internal readonly record struct PeerWay(PeerValue V4, PeerValue V6)
{
    /// <summary>The entry of an address or prefix behind the node.</summary>
    public PeerValue To(bool isV4, uint identity) => (isV4 ? V4 : V6) with { Identity = identity };

    /// <summary>The entry of a pod's address behind the node.</summary>
    public PeerValue To(Ip pod, uint identity) => To(pod.IsV4, identity);
}
