using System.Net.Sockets;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>
/// A Service whose endpoints are replaced one after the other while clients of all kinds connect as fast as they can.
/// What Kubernetes promises: a pod that is deleted is said to be terminating, and gets no new connection on a node that
/// knows it while there are others; it serves on for a grace of its own choice, because nodes come to know at different
/// times, and is removed when it has ended.
/// </summary>
[Collection(typeof(MachineWide))]
public sealed class RollingUpdateTests
{
    private const int Endpoints = 100;
    private const int OldPort = 20_000;
    private const int NewPort = 21_000;
    private static readonly string[] pods = ["client-1", "client-2", "web-1", "web-2"];

    /// <summary>For so many more replacements a server goes on, for connections that were given it just before.</summary>
    private const int Grace = 5;

    [Fact]
    public async Task While_a_hundred_endpoints_are_replaced_no_connection_fails_and_none_goes_to_one_that_is_known_to_end()
    {
        using var lab = new ServiceLab("vxlan");
        var clusterIPs = lab.Service("rolled", "", "NodePort", """{"selector": null}""");
        var nodePort = lab.NodePortOf("rolled", ProtocolType.Tcp);
        using var client = new KubernetesClient(ClusterConnection.FromKubeconfig($"{lab.Lab.Directory}/kubeconfig"));
        var slices = new WrittenSlices(
            client,
            new ObjectKey(ServiceLab.Namespace, "rolled"),
            TestContext.Current.CancellationToken
        );
        using var service = new RolledService(lab, clusterIPs, nodePort);
        var servers = new Dictionary<int, NumberedServer>();
        var network = pods.ToDictionary(pod => pod, lab.NetworkOf);
        var addresses = pods.ToDictionary(pod => pod, lab.AddressesOf);
        try
        {
            // Each new one is on another node than the old.
            var old = Enumerable.Range(0, Endpoints).Select(i => Serve(i, pods[i % pods.Length], OldPort)).ToList();
            await slices.AddAsync(old);
            foreach (var endpoint in old)
            {
                service.Eventually(1, endpoint, isLedTo: true);
                service.Eventually(2, endpoint, isLedTo: true);
            }

            // So few that the ports of connections that are over are used again all the time.
            lab.Lab.Exec("svc/apart", "sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40999").Succeeded();
            using var load = new ConnectionLoad(2 * Endpoints);
            load.Start("client-1", lab.SocketsIn("client-1", 1), service.ClusterIPsAt(1));
            load.Start("client-2", lab.SocketsIn("client-2", 2), service.ClusterIPsAt(2));
            load.Start("apart", lab.SocketsIn("apart", 1), service.ClusterIPsAt(1));
            load.Start("outside", lab.SocketsOutside(), service.NodePorts);
            for (var i = 0; i < Endpoints + Grace && load.Wrong.IsEmpty; i++)
            {
                if (i < Endpoints)
                {
                    await slices.AddAsync(Serve(Endpoints + i, pods[(i + 1) % pods.Length], NewPort));
                    await slices.EndAsync(old[i]);
                    foreach (var node in (int[])[1, 2])
                    {
                        service.Eventually(node, old[i], isLedTo: false);
                        load.Ended(node, old[i].Number);
                    }
                }

                if (i >= Grace)
                {
                    servers[old[i - Grace].Number].Dispose();
                    await slices.RemoveAsync(old[i - Grace]);
                }
            }

            if (load.Wrong.IsEmpty)
            {
                load.EveryClientMeets([.. Enumerable.Range(Endpoints, Endpoints)]);
            }

            Assert.True(load.Wrong.IsEmpty, $"{load}: {string.Join('\n', load.Wrong.Take(20))}");
            TestContext.Current.SendDiagnosticMessage($"{load}");
        }
        finally
        {
            foreach (var owned in servers.Values.Concat<IDisposable>(network.Values))
            {
                owned.Dispose();
            }
        }

        PortOfPod Serve(int number, string pod, int port)
        {
            var endpoint = new PortOfPod(
                number,
                addresses[pod],
                port + (number % Endpoints / pods.Length),
                pod.EndsWith('1') ? 1 : 2
            );
            servers.Add(number, new NumberedServer(number, network[pod], endpoint.Port));
            return endpoint;
        }
    }
}
