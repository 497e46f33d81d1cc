using System.Net;
using System.Net.Sockets;
using Weft.Lab;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>Ports of the node that containers ask for, by the CNI capability portMappings.</summary>
[Collection(typeof(MachineWide))]
public sealed class HostPortTests(HostPortTests.Fixture fixture) : IClassFixture<HostPortTests.Fixture>
{
    private readonly ServiceLab lab = fixture.Lab;

    public static TheoryData<ProtocolType, int> ProtocolsAndFamilies => SocketServiceTests.ProtocolsAndFamilies;

    [Theory]
    [MemberData(nameof(ProtocolsAndFamilies))]
    public void A_host_port_of_the_pods_node_leads_to_the_pod_from_everywhere(ProtocolType protocol, int family)
    {
        var name = $"everywhere-{protocol}-{family}".ToLowerInvariant();
        var port = 18000 + (int)protocol + family;
        lab.Apply(Mapped(name, port, protocol));
        var node = ServiceLab.AddressesOf(1)[family];
        ServiceLab.ReachesAll(() => lab.FromOutside(protocol, node, port), name);
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", protocol, node, port), name);
        ServiceLab.ReachesAll(() => lab.FromPod("client-2", protocol, node, port), name);
        ServiceLab.ReachesAll(() => lab.FromPod("apart", protocol, node, port), name);
        ServiceLab.ReachesAll(() => lab.FromPod(name, protocol, node, port), name);
        ServiceLab.ReachesAll(() => lab.FromNode(1, protocol, node, port), name);
        ServiceLab.ReachesAll(() => lab.FromNode(2, protocol, node, port), name);
        ServiceLab.ReachesAll(() => lab.FromNode(1, protocol, Loopback(family), port), name);
        // Their loopback is their own, and the other node has no such pod.
        Assert.False(lab.FromPod("client-1", protocol, Loopback(family), port).Ok);
        Assert.False(lab.FromOutside(protocol, ServiceLab.AddressesOf(2)[family], port).Ok);

        lab.Kubectl("delete", "pod", name, "--wait=true");
        ServiceLab.Eventually(() => lab.FromOutside(protocol, node, port), answer => !answer.Ok);
        ServiceLab.Eventually(() => lab.FromNode(1, protocol, node, port), answer => !answer.Ok);
    }

    [Fact]
    public void One_number_on_several_addresses_and_protocols_is_several_pods()
    {
        const int Port = 18323;
        var node = ServiceLab.AddressesOf(1)[0];
        lab.Apply(Mapped("on-loopback", Port, ProtocolType.Tcp, "127.0.0.1"));
        lab.Apply(Mapped("on-node", Port, ProtocolType.Tcp, $"{node}"));
        lab.Apply(Mapped("of-udp", Port, ProtocolType.Udp, $"{node}"));
        ServiceLab.ReachesAll(() => lab.FromNode(1, ProtocolType.Tcp, Loopback(0), Port), "on-loopback");
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, node, Port), "on-node");
        ServiceLab.ReachesAll(() => lab.FromNode(1, ProtocolType.Tcp, node, Port), "on-node");
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Udp, node, Port), "of-udp");
    }

    [Fact]
    public void A_port_that_two_pods_want_is_the_firsts_and_an_Event_tells_the_second()
    {
        const int Port = 18400;
        var node = ServiceLab.AddressesOf(1)[0];
        lab.Apply(Mapped("a-first", Port, ProtocolType.Tcp));
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, node, Port), "a-first");
        lab.Apply(Mapped("b-second", Port, ProtocolType.Tcp));
        lab.Kubectl("wait", "pod", "b-second", "--for=condition=Ready", "--timeout=60s");
        Waiting.Eventually(
            "an Event that names the port",
            () =>
                lab.Kubectl("get", "events", "--field-selector=reason=AddressTaken", "-o=jsonpath={.items[*].message}")
                    .Contains($"{node}:{Port}/TCP is not served", StringComparison.Ordinal)
        );
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, node, Port), "a-first");
        lab.Kubectl("delete", "pod", "a-first", "--wait=true");
        ServiceLab.Eventually(
            () => lab.FromOutside(ProtocolType.Tcp, node, Port),
            answer => answer is { Ok: true, SeenAs: "b-second" }
        );
    }

    [Fact]
    public void Without_the_agent_host_ports_go_on_and_it_has_them_again_when_it_starts()
    {
        const int Port = 18500;
        var node = ServiceLab.AddressesOf(1)[0];
        lab.Apply(Mapped("lasting", Port, ProtocolType.Tcp));
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, node, Port), "lasting");
        lab.Lab.Weft("agent", "kill", "--node", "1").Succeeded();
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, node, Port), "lasting");
        lab.Lab.Weft("agent", "start", "--node", "1").Succeeded();
        // A Service that is served tells that the agent has gone through all there is.
        var later = lab.Service("after-start", "both")[0];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, later), "web-1", "web-2");
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, node, Port), "lasting");
    }

    private static IPAddress Loopback(int family) => family == 0 ? IPAddress.Loopback : IPAddress.IPv6Loopback;

    /// <summary>A server on node 1 with a host port for its own.</summary>
    private static string Mapped(string name, int port, ProtocolType protocol, string hostIP = "") =>
        ServicePods
            .Server(name, 1, app: name)
            .Replace(
                "image: host",
                $$"""
                image: host
                    ports: [{containerPort: {{ServiceLab.TargetPort}}, hostPort: {{port}}, protocol: {{protocol.ToString().ToUpperInvariant()}}, hostIP: "{{hostIP}}"}]
                """,
                StringComparison.Ordinal
            );

    public sealed class Fixture : IDisposable
    {
        internal ServiceLab Lab { get; } = new("vxlan");

        public void Dispose() => Lab.Dispose();
    }
}
