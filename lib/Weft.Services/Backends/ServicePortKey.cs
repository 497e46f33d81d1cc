using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Services.Backends;

/// <summary>What has backends of its own: a port of a Service in one address family.</summary>
/// <param name="Service">The Service.</param>
/// <param name="Name">Name of the port; empty when it has none.</param>
/// <param name="Protocol">Its protocol: one name may stand for several.</param>
/// <param name="IsV4">The family of its addresses and endpoints.</param>
public readonly record struct ServicePortKey(ObjectKey Service, string Name, Transport Protocol, bool IsV4)
{
    /// <summary>"namespace/name:port/PROTOCOL, IPv4".</summary>
    public override string ToString() =>
        $"{Service}{(Name.Length == 0 ? "" : ":" + Name)}/{Protocol.ToString().ToUpperInvariant()}, {(IsV4 ? "IPv4" : "IPv6")}";
}
