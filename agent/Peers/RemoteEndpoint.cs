using Weft.Net;

namespace Weft.Agent.Peers;

/// <summary>
/// What this node keeps of a pod of the cluster: 48 bytes, for there may be 50,000 of them. A pod has an address or two;
/// the second is <see cref="None"/> when there is one.
/// </summary>
internal readonly record struct RemoteEndpoint(Ip First, Ip Second, uint Identity)
{
    /// <summary>Stands for no address; :: is none that a pod can have.</summary>
    public static readonly Ip None = Ip.AnyV6;
}
