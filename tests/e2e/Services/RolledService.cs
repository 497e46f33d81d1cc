using System.Net;
using Weft.Datapath;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>An address of a Service, and the node that chooses the endpoint of who connects to it.</summary>
internal readonly record struct ServiceAddress(IPEndPoint To, int ChosenAt);

/// <summary>A Service's addresses at two nodes, and what these lead to at the moment.</summary>
internal sealed class RolledService(ServiceLab lab, IReadOnlyList<IPAddress> clusterIPs, int nodePort) : IDisposable
{
    private const int Port = 80;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private readonly Dictionary<int, ServedBackends> backends = new()
    {
        [1] = new ServedBackends(lab, 1),
        [2] = new ServedBackends(lab, 2),
    };

    /// <summary>Of both families, for who is on the node.</summary>
    public IReadOnlyList<ServiceAddress> ClusterIPsAt(int node) =>
        [.. clusterIPs.Select(ip => new ServiceAddress(new IPEndPoint(ip, Port), node))];

    /// <summary>Of both nodes and families.</summary>
    public IReadOnlyList<ServiceAddress> NodePorts => [.. backends.Keys.SelectMany(NodePortsOf)];

    /// <summary>Returns once new connections may go to the endpoint, or may not any more.</summary>
    public void Eventually(int node, PortOfPod endpoint, bool isLedTo) =>
        Waiting.Eventually(
            $"node {node} leads to {endpoint}: {isLedTo}",
            () =>
                Leads(node, ClusterIPsAt(node), ServiceSide.Inside, endpoint) == isLedTo
                && Leads(node, NodePortsOf(node), ServiceSide.Outside, endpoint) == isLedTo,
            Pause
        );

    public void Dispose()
    {
        foreach (var node in backends.Values)
        {
            node.Dispose();
        }
    }

    private IEnumerable<ServiceAddress> NodePortsOf(int node) =>
        ServiceLab.AddressesOf(node).Select(ip => new ServiceAddress(new IPEndPoint(ip, nodePort), node));

    private bool Leads(int node, IEnumerable<ServiceAddress> addresses, ServiceSide side, PortOfPod endpoint) =>
        addresses
            .Zip(endpoint.Addresses)
            .Any(pair => backends[node].Lead(pair.First.To, side, new IPEndPoint(pair.Second, endpoint.Port)));
}
