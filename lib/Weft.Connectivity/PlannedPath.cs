using System.Net;
using System.Net.Sockets;

namespace Weft.Connectivity;

/// <summary>A path that is to be tried.</summary>
/// <param name="Scenario">What for.</param>
/// <param name="Name">Such as "pod to ClusterIP".</param>
/// <param name="Client">Name of the client's pod.</param>
/// <param name="Kind">tcp, udp or dns.</param>
/// <param name="To">Where to.</param>
/// <param name="Server">Name of the server's pod that is meant, or null.</param>
/// <param name="Denied">Whether it must not be answered.</param>
internal sealed record PlannedPath(
    Scenario Scenario,
    string Name,
    string Client,
    string Kind,
    IPEndPoint To,
    string? Server = null,
    bool Denied = false
)
{
    public string Family => To.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";

    /// <summary>As `weft-probe try` takes it.</summary>
    public string Argument(int id) => $"{id}={Kind}:{(Denied ? "deny" : "pass")}:{To}";
}
