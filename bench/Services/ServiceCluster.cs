using System.Globalization;
using Weft.Bench.Traffic;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Bench.Services;

/// <summary>Services of a large cluster, with the slices that its controllers would write, written through its API.</summary>
internal static class ServiceCluster
{
    public const string Namespace = "services";
    public const int Services = 10_000;
    public const int EndpointsOfEach = 10;
    private const int AtOnce = 16;

    /// <summary>A Service without a selector for one address, each port of the rounds leading to the same of the server.</summary>
    /// <returns>Its ClusterIP.</returns>
    public static Ip CreateFor(KubernetesClient client, Ip server, CancellationToken cancel)
    {
        var space = new Namespace { Metadata = new ObjectMeta { Name = Namespace } };
        client.CreateAsync(Kinds.Namespaces, space, cancel).GetAwaiter().GetResult();
        var ports = Enumerable.Range(TrafficRound.FirstPort, TrafficRound.Ports).ToList();
        var created = client
            .CreateAsync(
                Kinds.Services,
                new Service
                {
                    Metadata = new ObjectMeta { Namespace = Namespace, Name = "measured" },
                    Spec = new ServiceSpec
                    {
                        Ports =
                        [
                            .. from port in ports
                            from protocol in (string[])["TCP", "UDP"]
                            select new ServicePort
                            {
                                Name = NameOf(protocol, port),
                                Protocol = protocol,
                                Port = port,
                            },
                        ],
                    },
                },
                cancel
            )
            .GetAwaiter()
            .GetResult();
        var slice = Slice(
            "measured",
            [server],
            [
                .. from port in ports
                from protocol in (string[])["TCP", "UDP"]
                select new EndpointPort
                {
                    Name = NameOf(protocol, port),
                    Protocol = protocol,
                    Port = port,
                },
            ]
        );
        client.CreateAsync(Kinds.EndpointSlices, slice, cancel).GetAwaiter().GetResult();
        return Ip.Parse(created.Spec!.ClusterIP!);
    }

    /// <summary>All the others.</summary>
    public static void CreateOthers(KubernetesClient client, CancellationToken cancel) =>
        Parallel.For(
            0,
            Services,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            number =>
            {
                client.CreateAsync(Kinds.Services, Other(number, null), cancel).GetAwaiter().GetResult();
                client.CreateAsync(Kinds.EndpointSlices, SliceOf(number, 0), cancel).GetAwaiter().GetResult();
            }
        );

    /// <summary>One of the others.</summary>
    /// <param name="number">Which.</param>
    /// <param name="clusterIP">Its address, if not the API server is to choose it.</param>
    public static Service Other(int number, string? clusterIP) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = Namespace, Name = NameOf(number) },
            Spec = new ServiceSpec
            {
                ClusterIP = clusterIP,
                ClusterIPs = clusterIP is null ? null : [clusterIP],
                Ports = [new ServicePort { Protocol = "TCP", Port = 80 }],
            },
        };

    /// <summary>Its slice. Endpoints of another generation have other addresses.</summary>
    public static EndpointSlice SliceOf(int number, int generation) =>
        Slice(
            NameOf(number),
            [
                .. Enumerable
                    .Range(number * EndpointsOfEach, EndpointsOfEach)
                    .Select(endpoint => Address(endpoint, generation)),
            ],
            [
                new EndpointPort
                {
                    Name = "",
                    Protocol = "TCP",
                    Port = 8080,
                },
            ]
        );

    /// <summary>Addresses that no pod of the lab has.</summary>
    public static Ip Address(int endpoint, int generation) =>
        Ip.Parse($"11.{((generation % 100) * 2) + (endpoint >> 16)}.{(endpoint >> 8) & 255}.{endpoint & 255}");

    public static string NameOf(int number) => $"s{number.ToString(CultureInfo.InvariantCulture)}";

    private static string NameOf(string protocol, int port) =>
        $"{(protocol == "TCP" ? 't' : 'u')}{port.ToString(CultureInfo.InvariantCulture)}";

    private static EndpointSlice Slice(
        string service,
        IReadOnlyList<Ip> addresses,
        IReadOnlyList<EndpointPort> ports
    ) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = Namespace,
                Name = $"{service}-1",
                Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service },
            },
            AddressType = "IPv4",
            Endpoints =
            [
                .. addresses.Select(address => new Endpoint
                {
                    Addresses = [address.ToString()],
                    Conditions = new EndpointConditions { Ready = true },
                }),
            ],
            Ports = ports,
        };
}
