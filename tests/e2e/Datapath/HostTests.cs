using System.Net;
using System.Net.Sockets;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>Inside of the cluster nobody's address is translated, and hosts take part.</summary>
[Collection(typeof(InSharedLabs))]
public sealed class HostTests(SharedLabs labs)
{
    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void A_pod_is_seen_under_its_own_address_everywhere_in_the_cluster(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        foreach (var to in (Machine[])[lab.B, lab.C, lab.Nodes[0], lab.Nodes[1], lab.A])
        {
            Assert.Equal(lab.A[family], Traffic.Tcp(lab.A, to, family));
            Assert.Equal(lab.A[family], Traffic.Udp(lab.A, to, family));
        }
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void A_host_reaches_every_pod_under_an_address_of_its_own(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        var gateway = IPAddress.Parse(family == AddressFamily.InterNetwork ? "10.244.1.1" : "fd00:10:244:1::1");
        foreach (var pod in (Machine[])[lab.A, lab.C])
        {
            foreach (
                var seen in (IPAddress[])
                    [Traffic.Tcp(lab.Nodes[0], pod, family), Traffic.Udp(lab.Nodes[0], pod, family)]
            )
            {
                Assert.Contains(seen, (IPAddress[])[gateway, lab.Nodes[0][family]]);
            }
        }
    }

    /// <summary>An address of the host other than the one its routes prefer, as host-network pods bind to.</summary>
    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void A_host_reaches_every_pod_from_its_nodes_address(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        foreach (var pod in (Machine[])[lab.A, lab.C])
        {
            using var there = pod.Udp(family);
            using var here = lab.Nodes[0].Udp(family);
            here.Connect(there.LocalEndPoint!);
            Assert.Equal(lab.Nodes[0][family], Traffic.Exchange(here, there, Traffic.Bytes(100)).Address);
        }
    }

    [Theory]
    [ClassData(typeof(RoutingsAndFamilies))]
    public void Both_ends_may_speak_first(string routing, AddressFamily family)
    {
        var lab = labs[routing];
        foreach (var host in lab.Nodes)
        {
            using var pod = lab.A.Udp(family);
            using var node = host.Udp(family);
            pod.SendTo("from pod"u8, node.LocalEndPoint!);
            Assert.Equal("from pod", node.ReceiveText());
            node.SendTo("from node"u8, pod.LocalEndPoint!);
            Assert.Equal("from node", pod.ReceiveText());

            using var otherPod = lab.B.Udp(family);
            node.SendTo("from node"u8, otherPod.LocalEndPoint!);
            Assert.Equal("from node", otherPod.ReceiveText());
            otherPod.SendTo("from pod"u8, node.LocalEndPoint!);
            Assert.Equal("from pod", node.ReceiveText());
        }
    }
}
