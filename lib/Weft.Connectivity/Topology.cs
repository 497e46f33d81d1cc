using System.Net;
using System.Net.Sockets;

namespace Weft.Connectivity;

/// <summary>A node that takes part.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Addresses">Its addresses, at most one of each family.</param>
internal sealed record TestNode(string Name, IReadOnlyList<IPAddress> Addresses);

/// <summary>All addresses that paths lead to, once the servers run.</summary>
/// <param name="Here">The node most clients are on.</param>
/// <param name="There">Another one; null in a cluster of one node.</param>
/// <param name="Servers">Addresses of servers' pods by their names.</param>
/// <param name="ClusterIPs">Of the Service.</param>
/// <param name="NodePort">Of the Service's port of TCP.</param>
/// <param name="Dns">The cluster's DNS; empty when there is none.</param>
internal sealed record Topology(
    TestNode Here,
    TestNode? There,
    IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> Servers,
    IReadOnlyList<IPAddress> ClusterIPs,
    int NodePort,
    IReadOnlyList<IPAddress> Dns
)
{
    /// <summary>Those of a server in one family; none when it is not there.</summary>
    public IEnumerable<IPAddress> Of(string server, AddressFamily family) =>
        Servers.GetValueOrDefault(server, []).Where(address => address.AddressFamily == family);
}
