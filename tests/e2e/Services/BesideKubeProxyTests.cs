using System.Net.Sockets;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>
/// kubeProxyReplacement: false. Rules of nft stand in for kube-proxy's (KEP-3866): node ports are given an endpoint and
/// the node's address.
/// </summary>
[Collection(typeof(MachineWide))]
public sealed class BesideKubeProxyTests(BesideKubeProxyTests.Fixture fixture)
    : IClassFixture<BesideKubeProxyTests.Fixture>
{
    private const int NodePort = 30555;
    private readonly ServiceLab lab = fixture.Lab;

    public static TheoryData<ProtocolType, int> ProtocolsAndFamilies => SocketServiceTests.ProtocolsAndFamilies;

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void Pods_reach_every_endpoint_by_the_ClusterIP(ProtocolType protocol, int family)
    {
        var to = lab.Service("pods", "both")[family];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", protocol, to), "web-1", "web-2");
        ServiceLab.ReachesAll(() => lab.FromPod("web-1", protocol, to), "web-1", "web-2");
    }

    [Fact]
    public void Nothing_else_of_Services_is_on_the_node()
    {
        var to = lab.Service("all", "both", "NodePort")[0];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "web-1", "web-2");
        Assert.False(lab.FromNode(1, ProtocolType.Tcp, to).Ok);
        using var ports = PinnedMap.Open<NodePort, byte>($"/proc/{lab.Lab.AgentOf(1)}/root/sys/fs/bpf/weft/node_ports");
        Assert.Equal(0, ports.Map.Count());
    }

    [Fact]
    public void A_node_port_that_kube_proxy_serves_leads_to_endpoints_here_and_on_the_other_node()
    {
        foreach (var server in new[] { "web-1", "web-2" })
        {
            var endpoint = lab.Kubectl("get", "pod", server, "-o", "jsonpath={.status.podIP}");
            lab.Lab.ExecOnNode(
                    1,
                    "nft",
                    $$"""
                    add table ip kube-proxy; flush table ip kube-proxy; delete table ip kube-proxy; table ip kube-proxy {
                        chain prerouting { type nat hook prerouting priority dstnat; tcp dport {{NodePort}} meta mark set 0x4000 dnat to {{endpoint}}:{{ServiceLab.TargetPort}}; }
                        chain postrouting { type nat hook postrouting priority srcnat; meta mark 0x4000 masquerade; }
                    }
                    """
                )
                .Succeeded();
            var node = ServiceLab.AddressesOf(1)[0];
            ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, node, NodePort), server);
            ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, node, NodePort), server);
        }
    }

    public sealed class Fixture : IDisposable
    {
        public Fixture()
        {
            Lab = new ServiceLab("vxlan");
            try
            {
                // An agent that served all of them was there before.
                Lab.Configure(1, "kubeProxyReplacement", false);
                Lab.Configure(2, "kubeProxyReplacement", false);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        internal ServiceLab Lab { get; }

        public void Dispose() => Lab.Dispose();
    }
}
