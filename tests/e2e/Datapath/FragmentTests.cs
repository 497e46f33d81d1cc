using System.Net.Sockets;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>Datagrams too big for one packet arrive whole, there and back.</summary>
[Collection(typeof(InSharedLabs))]
public sealed class FragmentTests(SharedLabs labs)
{
    private static readonly int[] Sizes = [1500, 4000, 8000, 60000];

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void From_pod_to_pod(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        foreach (var size in Sizes)
        {
            Assert.Equal(lab.A[family], Traffic.Udp(lab.A, lab.B, family, size));
            Assert.Equal(lab.A[family], Traffic.Udp(lab.A, lab.C, family, size));
        }
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void From_pod_to_the_world_and_back_under_the_nodes_address(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        foreach (var size in Sizes)
        {
            Assert.Equal(lab.Nodes[0][family], Traffic.Udp(lab.A, lab.Outside, family, size));
        }
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void Between_hosts_and_pods(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        foreach (var size in Sizes)
        {
            Traffic.Udp(lab.Nodes[0], lab.A, family, size);
            Traffic.Udp(lab.Nodes[0], lab.C, family, size);
            Assert.Equal(lab.A[family], Traffic.Udp(lab.A, lab.Nodes[0], family, size));
            Assert.Equal(lab.A[family], Traffic.Udp(lab.A, lab.Nodes[1], family, size));
        }
    }

    /// <summary>Which ports later fragments belong to is kept for each packet, not for each pair of machines.</summary>
    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void Big_datagrams_of_many_flows_do_not_mix(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        using var server = lab.Outside.Udp(family);
        var pairs = Enumerable
            .Range(0, 20)
            .Select(i =>
                (Client: (i % 2 == 0 ? lab.A : lab.B).UdpTo(server.LocalEndPoint!), Payload: Traffic.Bytes(5000 + i))
            )
            .ToList();
        foreach (var (client, payload) in pairs)
        {
            client.Send(payload);
        }

        foreach (var _ in pairs)
        {
            var (payload, from) = server.ReceiveDatagram();
            server.SendTo(payload, from);
        }

        foreach (var (client, payload) in pairs)
        {
            Assert.Equal(payload, client.ReceiveDatagram().Payload);
            client.Dispose();
        }
    }
}
