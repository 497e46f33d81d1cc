using System.Net;
using System.Net.Sockets;
using Weft.Lab;
using Weft.Lab.Probes;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>What Services say, and what they say anew, is so on every node: Kubernetes' own cases about it.</summary>
[Collection(typeof(MachineWide))]
public sealed class ServiceChangeTests(ServiceChangeTests.Fixture fixture) : IClassFixture<ServiceChangeTests.Fixture>
{
    private static readonly ProtocolType[] protocols = [ProtocolType.Tcp, ProtocolType.Udp];
    private readonly ServiceLab lab = fixture.Lab;

    [Fact]
    public void A_port_that_is_added_serves_and_one_that_is_removed_is_refused()
    {
        var to = lab.Service("ports", "both", more: Ports(80))[0];
        foreach (var (i, protocol) in protocols.Index())
        {
            ServiceLab.ReachesAll(() => lab.FromPod("client-1", protocol, to, 80 + i), "web-1", "web-2");
        }

        lab.Service("ports", "both", more: Ports(90));
        foreach (var (i, protocol) in protocols.Index())
        {
            ServiceLab.ReachesAll(() => lab.FromPod("client-1", protocol, to, 90 + i), "web-1", "web-2");
            ServiceLab.ReachesAll(() => lab.FromPod("apart", protocol, to, 90 + i), "web-1", "web-2");
            ServiceLab.Eventually(() => lab.FromPod("client-1", protocol, to, 80 + i), IsRefused);
            ServiceLab.Eventually(() => lab.FromPod("apart", protocol, to, 80 + i), IsRefused);
        }

        // To kubectl apply, ports of one number are one port.
        static string Ports(int first) =>
            $$"""
                {"ports": [
                    {"name": "tcp", "port": {{first}}, "protocol": "TCP", "targetPort": {{ServiceLab.TargetPort}}},
                    {"name": "udp", "port": {{first + 1}}, "protocol": "UDP", "targetPort": {{ServiceLab.TargetPort}}}
                ]}
                """;
    }

    [Fact]
    public void A_Service_changes_between_ExternalName_and_the_other_types()
    {
        const string Name = "changing";
        var external = $$"""
            apiVersion: v1
            kind: Service
            metadata: {name: {{Name}}, namespace: {{ServiceLab.Namespace}}}
            spec: {type: ExternalName, externalName: example.com}
            """;
        lab.Apply(external);
        var to = lab.Service(Name, "both");
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to[0]), "web-1", "web-2");
        lab.Service(Name, "both", "NodePort");
        var port = lab.NodePortOf(Name, ProtocolType.Udp);
        ServiceLab.ReachesAll(
            () => lab.FromOutside(ProtocolType.Udp, ServiceLab.AddressesOf(2)[1], port),
            "web-1",
            "web-2"
        );
        lab.Service(Name, "both");
        ServiceLab.Eventually(
            () => lab.FromOutside(ProtocolType.Udp, ServiceLab.AddressesOf(2)[1], port),
            answer => !answer.Ok
        );
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to[0]), "web-1", "web-2");
        lab.Apply(external);
        ServiceLab.Eventually(() => lab.FromPod("client-1", ProtocolType.Tcp, to[0]), answer => !answer.Ok);
    }

    [Fact]
    public void A_named_port_is_each_pods_own_number_and_a_protocol_leads_only_to_pods_that_have_it()
    {
        const int Other = 9090;
        lab.Apply(
            ServicePods.WithContainer(
                ServicePods.Server("named-1", 1, "named"),
                $"ports: [{{name: tcp, containerPort: {ServiceLab.TargetPort}}}]"
            )
        );
        lab.Apply(
            ServicePods.WithContainer(
                ServicePods.Server("named-2", 2, "named", Other),
                $"ports: [{{name: tcp, containerPort: {Other}}}, {{name: udp, containerPort: {Other}, protocol: UDP}}]"
            )
        );
        lab.Service(
            "named",
            "named",
            "NodePort",
            """
            {"ports": [
                {"name": "tcp", "port": 80, "protocol": "TCP", "targetPort": "tcp", "nodePort": 30480},
                {"name": "udp", "port": 80, "protocol": "UDP", "targetPort": "udp", "nodePort": 30480}
            ]}
            """
        );
        foreach (var to in lab.ClusterIPsOf("named"))
        {
            ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "named-1", "named-2");
            ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Udp, to), "named-2");
        }

        foreach (var node in ServiceLab.AddressesOf(1))
        {
            ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, node, 30480), "named-1", "named-2");
            ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Udp, node, 30480), "named-2");
        }
    }

    [Fact]
    public void A_pod_that_is_not_ready_serves_only_when_its_address_is_to_be_published_anyway()
    {
        lab.Apply(
            ServicePods.WithContainer(
                ServicePods.Server("unready", 2, "unready"),
                """readinessProbe: {exec: {command: ["false"]}}"""
            )
        );
        var to = lab.Service("unready", "unready", "NodePort")[0];
        var port = lab.NodePortOf("unready", ProtocolType.Tcp);
        ServiceLab.Eventually(() => lab.FromPod("client-1", ProtocolType.Tcp, to), IsRefused);
        ServiceLab.Eventually(() => lab.FromOutside(ProtocolType.Tcp, ServiceLab.AddressesOf(1)[0], port), IsRefused);
        ServiceLab.Eventually(() => lab.FromOutside(ProtocolType.Tcp, ServiceLab.AddressesOf(2)[0], port), IsRefused);
        lab.Service("unready", "unready", "NodePort", """{"publishNotReadyAddresses": true}""");
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "unready");
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, ServiceLab.AddressesOf(1)[0], port), "unready");
    }

    [Fact]
    public void Endpoints_in_the_nodes_own_network_serve_everybody()
    {
        const int Port = 18099;
        // A UDP server of all addresses would answer pods of its node from another one than it was asked at.
        foreach (var address in ServiceLab.AddressesOf(2))
        {
            var server = ServicePods
                .Server(OfFamily(address), 2, "on-host", Port)
                .Replace("\"serve\"", $"\"serve\", \"{address}\"", StringComparison.Ordinal);
            lab.Apply(ServicePods.WithSpec(server, "hostNetwork: true"));
        }

        var clusterIPs = lab.Service(
            "on-host",
            "on-host",
            "NodePort",
            $$"""
            {"ports": [
                {"name": "tcp", "port": 80, "protocol": "TCP", "targetPort": {{Port}}, "nodePort": 30490},
                {"name": "udp", "port": 80, "protocol": "UDP", "targetPort": {{Port}}, "nodePort": 30490}
            ]}
            """
        );
        foreach (var protocol in protocols)
        {
            foreach (var to in clusterIPs)
            {
                ServiceLab.ReachesAll(() => lab.FromPod("client-1", protocol, to), OfFamily(to));
                ServiceLab.ReachesAll(() => lab.FromPod("client-2", protocol, to), OfFamily(to));
                ServiceLab.ReachesAll(() => lab.FromPod("apart", protocol, to), OfFamily(to));
                ServiceLab.ReachesAll(() => lab.FromNode(1, protocol, to), OfFamily(to));
                ServiceLab.ReachesAll(() => lab.FromNode(2, protocol, to), OfFamily(to));
            }

            foreach (var node in ServiceLab.AddressesOf(1).Concat(ServiceLab.AddressesOf(2)))
            {
                ServiceLab.ReachesAll(() => lab.FromOutside(protocol, node, 30490), OfFamily(node));
            }
        }

        static string OfFamily(IPAddress address) =>
            address.AddressFamily == AddressFamily.InterNetwork ? "on-host-4" : "on-host-6";
    }

    [Fact]
    public void A_client_whose_affinity_has_timed_out_may_get_another_endpoint()
    {
        var to = lab.Service(
            "short",
            "both",
            more: """{"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 1}}}"""
        )[0];
        ServiceLab.Eventually(() => lab.FromPod("client-1", ProtocolType.Tcp, to), answer => answer.Ok);
        var kept = lab.FromPod("client-1", ProtocolType.Tcp, to).SeenAs;
        ServiceLab.Eventually(
            () =>
            {
                // Not a wait for anything: this is the time that the Service speaks of.
                Thread.Sleep(TimeSpan.FromSeconds(1.1));
                return lab.FromPod("client-1", ProtocolType.Tcp, to);
            },
            answer => answer.Ok && answer.SeenAs != kept
        );
    }

    [Theory]
    [InlineData("service.kubernetes.io/service-proxy-name")]
    [InlineData("service.kubernetes.io/headless")]
    public void A_Service_with_the_label_is_left_to_others_from_then_on_and_until_it_has_none(string label)
    {
        var name = label.Split('/')[1];
        var to = lab.Service(name, "both")[0];
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "web-1", "web-2");
        lab.Kubectl("label", "service", name, $"{label}=others");
        ServiceLab.Eventually(() => lab.FromPod("client-1", ProtocolType.Tcp, to), answer => !answer.Ok);
        lab.Kubectl("label", "service", name, $"{label}-");
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, to), "web-1", "web-2");
    }

    [Fact]
    public void The_endpoint_sees_the_pod_that_asks()
    {
        lab.Apply(
            ServicePods.Server("seer", 2, "seer").Replace(", \"--name\", \"seer\"", "", StringComparison.Ordinal)
        );
        var clusterIPs = lab.Service("seer", "seer");
        for (var family = 0; family < clusterIPs.Count; family++)
        {
            foreach (var client in (string[])["client-1", "client-2", "apart"])
            {
                ServiceLab.ReachesAll(
                    () => lab.FromPod(client, ProtocolType.Tcp, clusterIPs[family]),
                    $"{lab.AddressesOf(client)[family]}"
                );
            }
        }
    }

    [Fact]
    public void The_policy_for_external_traffic_changes_there_and_back()
    {
        const string OfNode2 = """ "selector": {"pod": "web-2"} """;
        var node = ServiceLab.AddressesOf(1)[0];
        lab.Service("switched", "", "NodePort", $$"""{ {{OfNode2}} }""");
        var port = lab.NodePortOf("switched", ProtocolType.Tcp);
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, node, port), "web-2");
        lab.Service("switched", "", "NodePort", $$"""{"externalTrafficPolicy": "Local", {{OfNode2}} }""");
        ServiceLab.Eventually(
            () => lab.FromOutside(ProtocolType.Tcp, node, port),
            answer => answer.Problem == "no answer"
        );
        ServiceLab.ReachesAll(() => lab.FromPod("client-1", ProtocolType.Tcp, node, port), "web-2");
        ServiceLab.ReachesAll(() => lab.FromNode(1, ProtocolType.Tcp, node, port), "web-2");
        lab.Service("switched", "", "NodePort", $$"""{"externalTrafficPolicy": "Cluster", {{OfNode2}} }""");
        ServiceLab.ReachesAll(() => lab.FromOutside(ProtocolType.Tcp, node, port), "web-2");
    }

    private static bool IsRefused(ProbeResult answer) =>
        answer.Problem?.Contains("refused", StringComparison.Ordinal) == true;

    public sealed class Fixture : IDisposable
    {
        internal ServiceLab Lab { get; } = new("native");

        public void Dispose() => Lab.Dispose();
    }
}
