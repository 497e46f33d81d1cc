using System.Net;
using System.Net.Sockets;
using Weft.Netlink;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>A client outside, the node that it comes to, and an endpoint on another that answers it directly.</summary>
[Collection(typeof(MachineWide))]
public sealed class DirectReturnTests
{
    private const int NodePort = 30280;

    [Theory]
    [InlineData("vxlan")]
    [InlineData("native")]
    public void The_endpoint_sees_the_client_and_its_node_answers(string routing)
    {
        using var services = new ServiceLab(routing);
        using var outside = NetworkNamespace.Open($"{services.Lab.Directory}/netns/outside");
        // Without a name of its own the server tells whom it was asked by.
        services.Apply(
            ServicePods.Server("seer", 2, app: "seer").Replace(", \"--name\", \"seer\"", "", StringComparison.Ordinal)
        );
        services.Service(
            "seer",
            "seer",
            "NodePort",
            $$"""
            {
                "ports": [
                    {"name": "tcp", "port": 80, "protocol": "TCP", "targetPort": 8080, "nodePort": {{NodePort}}},
                    {"name": "udp", "port": 80, "protocol": "UDP", "targetPort": 8080, "nodePort": {{NodePort}}}
                ]
            }
            """
        );
        foreach (var node in ServiceLab.AddressesOf(1))
        {
            // Under the address of the node that it came to.
            Ask(ProtocolType.Tcp, node, seenAs: client => !client.Equals(ClientOf(node)));
        }

        services.Configure(1, "loadBalancerMode", "dsr");
        services.Configure(2, "loadBalancerMode", "dsr");
        foreach (var node in ServiceLab.AddressesOf(1))
        {
            foreach (var protocol in new[] { ProtocolType.Tcp, ProtocolType.Udp })
            {
                for (var connection = 0; connection < 10; connection++)
                {
                    Ask(protocol, node, seenAs: ClientOf(node).Equals);
                }
            }
        }

        void Ask(ProtocolType protocol, IPAddress node, Func<IPAddress, bool> seenAs) =>
            ServiceLab.Eventually(
                () => ServiceLab.FromOutside(outside, protocol, node, NodePort, count: 3),
                answer => answer.Ok && seenAs(IPAddress.Parse(answer.SeenAs!))
            );
    }

    private static IPAddress ClientOf(IPAddress node) =>
        IPAddress.Parse(node.AddressFamily == AddressFamily.InterNetwork ? "192.0.2.1" : "fd00:c0::1");
}
