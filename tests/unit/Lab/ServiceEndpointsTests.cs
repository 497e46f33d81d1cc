using Weft.Kubernetes.Objects;
using Weft.Lab.Controllers.Endpoints;

namespace Weft.Tests.Unit.Lab;

public sealed class ServiceEndpointsTests
{
    [Fact]
    public void Each_family_has_slices_of_its_own()
    {
        var slices = ServiceEndpoints.Slices(Service("IPv4", "IPv6"), [Pod("a", 1)], []);
        Assert.Equal(["IPv4", "IPv6"], slices.Select(s => s.AddressType).Order());
        Assert.Equal("10.244.0.1", slices.First(s => s.AddressType == "IPv4").Endpoints![0].Addresses![0]);
    }

    [Fact]
    public void A_named_port_is_resolved_on_each_pod()
    {
        var pods = new[] { Pod("a", 1, port: 8080), Pod("b", 2, port: 9090) };
        var slices = ServiceEndpoints.Slices(Service("IPv4"), pods, []);
        Assert.Equal([8080, 9090], slices.Select(s => s.Ports![0].Port!.Value).Order());
    }

    [Fact]
    public void A_pod_that_is_ending_serves_but_is_not_ready()
    {
        var pod = Pod("a", 1);
        pod = pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch } };
        var conditions = ServiceEndpoints.Slices(Service("IPv4"), [pod], [])[0].Endpoints![0].Conditions;
        Assert.Equal(
            new EndpointConditions
            {
                Ready = false,
                Serving = true,
                Terminating = true,
            },
            conditions
        );
    }

    [Fact]
    public void No_slice_has_more_than_100_and_a_change_of_one_pod_is_a_change_of_one_slice()
    {
        var pods = Enumerable.Range(1, 150).Select(i => Pod($"p{i:000}", i)).ToList();
        var slices = Named(ServiceEndpoints.Slices(Service("IPv4"), pods, []));
        Assert.Equal([50, 100], slices.Select(s => s.Endpoints!.Count).Order());

        var after = ServiceEndpoints.Slices(Service("IPv4"), pods.Skip(1), slices);
        Assert.Equal(slices.Select(s => s.Metadata.Name), after.Select(s => s.Metadata.Name));
        Assert.Equal([50, 99], after.Select(s => s.Endpoints!.Count).Order());
    }

    private static List<EndpointSlice> Named(IReadOnlyList<EndpointSlice> slices) =>
        [.. slices.Select((s, i) => s with { Metadata = new ObjectMeta { Name = $"s{i}" } })];

    private static Service Service(params string[] families) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = "default", Name = "web" },
            Spec = new ServiceSpec
            {
                IpFamilies = families,
                Ports = [new ServicePort { Port = 80, TargetPort = new IntOrString("http") }],
            },
        };

    private static Pod Pod(string name, int number, int port = 8080) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = "default",
                Name = name,
                Uid = name,
            },
            Spec = new PodSpec
            {
                NodeName = "node1",
                Containers =
                [
                    new Container { Name = "main", Ports = [new ContainerPort { Name = "http", Port = port }] },
                ],
            },
            Status = new PodStatus
            {
                Phase = "Running",
                Conditions = [new PodCondition { Type = "Ready", Status = "True" }],
                PodIPs = [new PodIP { Ip = $"10.244.0.{number}" }, new PodIP { Ip = $"fd00:10:244::{number}" }],
            },
        };
}
