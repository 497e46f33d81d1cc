using System.Text.Json;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>What our records write is what the schemas of our definitions let through, up to the largest there can be.</summary>
public abstract class CustomObjectTests(ControlPlane cluster) : ContractTests(cluster)
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly Condition Condition = new()
    {
        Type = "Ready",
        Status = "True",
        ObservedGeneration = 1,
        LastTransitionTime = Noon,
        Reason = "AllIsWell",
        Message = "",
    };

    private readonly ControlPlane cluster = cluster;

    public override async ValueTask InitializeAsync()
    {
        cluster.SkipUnlessThere();
        cluster.SkipUnlessThere();
        await OurDefinitions.InstallAsync(cluster);
        await base.InitializeAsync();
    }

    [Fact]
    public async Task Every_field_of_a_node_is_kept()
    {
        var node = new WeftNode
        {
            Metadata = Name,
            Spec = new WeftNodeSpec
            {
                PodCidrs = ["10.1.2.0/24", "fd00:10:244:2::/64"],
                Addresses = ["192.0.2.1", "2001:db8::1"],
                RoutingMode = "native",
            },
            Status = new WeftNodeStatus { AgentVersion = "0.1.0", Conditions = [Condition] },
        };
        await IsKeptAsync(WeftResources.Nodes, node, hasStatus: true);
    }

    [Fact]
    public async Task Every_field_of_an_identity_is_kept()
    {
        var identity = new WeftIdentity
        {
            Metadata = Name,
            Spec = new WeftIdentitySpec
            {
                Id = WeftIdentitySpec.LastId,
                Namespace = "default",
                Labels = new Dictionary<string, string> { ["app.kubernetes.io/name"] = "web", ["empty"] = "" },
                AbsentLabels = ["tier"],
                NamespaceLabels = new Dictionary<string, string> { ["team"] = "a" },
                AbsentNamespaceLabels = ["stage"],
                Ports =
                [
                    new WeftIdentityPort
                    {
                        Name = "http",
                        Protocol = "TCP",
                        Port = 8080,
                    },
                ],
                AbsentPorts = ["dns/UDP"],
            },
        };
        await IsKeptAsync(WeftResources.Identities, identity, hasStatus: false);
    }

    [Fact]
    public async Task Every_field_of_a_full_endpoint_slice_is_kept()
    {
        var slice = new WeftEndpointSlice
        {
            Metadata = Name with { Labels = new Dictionary<string, string> { [WeftGroup.NodeLabel] = "node1" } },
            NodeName = "node1",
            Endpoints =
            [
                .. Enumerable
                    .Range(0, WeftEndpointSlice.Capacity)
                    .Select(n => new WeftEndpoint
                    {
                        Namespace = "default",
                        Pod = $"web-{n}",
                        Uid = Guid.NewGuid().ToString(),
                        Ips = [$"10.1.2.{n}", $"fd00:10:244:2::{n:x}"],
                        Identity = WeftIdentitySpec.FirstId,
                    }),
            ],
        };
        await IsKeptAsync(WeftResources.EndpointSlices, slice, hasStatus: false);
    }

    /// <summary>With names of nodes as long as clouds make them. etcd takes no object above 1.5 MiB.</summary>
    [Fact]
    public async Task Every_field_of_a_full_pool_is_kept()
    {
        var pool = new WeftIPPool
        {
            Metadata = Name,
            Spec = new WeftIPPoolSpec
            {
                Ranges =
                [
                    new WeftIPRange { Cidr = "10.0.0.0/8", BlockSize = 24 },
                    new WeftIPRange { Cidr = "fd00:1234:5678::/48", BlockSize = 64 },
                ],
            },
            Status = new WeftIPPoolStatus
            {
                Blocks =
                [
                    .. Enumerable
                        .Range(0x1000, WeftIPPool.MostBlocks)
                        .Select(n => new WeftIPBlock
                        {
                            Cidr = $"fd00:1234:5678:{n:x}::/64",
                            Node = $"ip-10-{n / 256}-{n % 256}-255.ap-southeast-1.compute.internal".PadRight(63, 'x'),
                            ReleasedAt = Noon,
                        }),
                ],
                Used = WeftIPPool.MostBlocks,
                Free = long.MaxValue,
                Conditions = [Condition],
            },
        };
        await IsKeptAsync(WeftResources.IPPools, pool, hasStatus: true);
    }

    private ObjectMeta Name => new() { Name = Namespace };

    /// <summary>Writes an object and its status, reads it, and compares everything but the metadata.</summary>
    private async Task IsKeptAsync<T>(Resource<T> resource, T obj, bool hasStatus)
        where T : KubernetesObject
    {
        var kept = await Client.CreateAsync(resource, obj, Cancellation);
        if (hasStatus)
        {
            await Client.ReplaceAsync(resource, obj with { Metadata = kept.Metadata }, Cancellation, "status");
        }

        kept = await Client.GetAsync(resource, new ObjectKey(null, Namespace), Cancellation);
        Assert.Equal(Content(obj), Content(kept));

        string Content(T whole)
        {
            var content = JsonSerializer.SerializeToNode(whole, resource.Json)!.AsObject();
            foreach (var property in (string[])["apiVersion", "kind", "metadata"])
            {
                content.Remove(property);
            }

            return content.ToJsonString();
        }
    }
}
