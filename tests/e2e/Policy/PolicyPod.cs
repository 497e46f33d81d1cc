using System.Net;
using Weft.Lab;
using Weft.Lab.Probes;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>A pod as policies are about it.</summary>
/// <param name="Namespace">x, y or z.</param>
/// <param name="Name">a, b or c.</param>
internal readonly record struct PodRef(string Namespace, string Name)
{
    public static PodRef Of(string text) => new(text.Split('/')[0], text.Split('/')[1]);

    public bool Is(string text) => ToString() == text;

    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>A pod that runs, with its servers on ports 80 and 81 of every protocol.</summary>
internal sealed class PolicyPod : IDisposable
{
    public static readonly ushort[] Ports = [80, 81];
    private readonly List<IDisposable> servers = [];

    public PolicyPod(
        PodRef name,
        NodeFiles node,
        string netns,
        IReadOnlyList<IPAddress> addresses,
        IReadOnlyList<IPAddress> clusterIPs
    )
    {
        (Name, Node, Addresses, ClusterIPs) = (name, node, addresses, clusterIPs);
        Network = NetworkNamespace.Open(netns);
        Network.Run(() =>
        {
            servers.AddRange(Ports.Select(port => ProbeServer.Start(new IPEndPoint(IPAddress.IPv6Any, port))));
            servers.Add(SctpServer.Start(Ports));
        });
    }

    public PodRef Name { get; }

    public NodeFiles Node { get; }

    public NetworkNamespace Network { get; }

    /// <summary>IPv4 first.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; }

    /// <summary>Of the Service that is this pod's alone; none of a pod without.</summary>
    public IReadOnlyList<IPAddress> ClusterIPs { get; }

    /// <summary>
    /// The Service's port for a port of the pod: another number, so that a policy which judged by it would show. But no
    /// program can translate the port of SCTP, whose checksum covers it.
    /// </summary>
    public static ushort ServicePort(ushort port, PathProtocol protocol) =>
        protocol == PathProtocol.Sctp ? port : (ushort)(port + 10_000);

    public void Dispose()
    {
        servers.ForEach(server => server.Dispose());
        Network.Dispose();
    }
}
