using System.Globalization;
using System.Text.Json;
using Weft.Cli.Policies;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Operator.LoadBalancers;
using Weft.Operator.Pools;
using Weft.Resources;

namespace Weft.Tests.Unit.Operator;

public sealed class AddressPlanTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.Parse(
        "2026-01-01T00:00:00Z",
        CultureInfo.InvariantCulture
    );

    [Fact]
    public void Services_get_the_lowest_free_addresses_the_older_first()
    {
        var shares = Plan([Pool("a", "192.0.2.0/30")], [Of("young", age: 1), Of("old", age: 2)]);
        Assert.Equal(["192.0.2.0", "192.0.2.1"], [shares["old"], shares["young"]]);
    }

    [Fact]
    public void A_Service_of_two_families_gets_an_address_of_each() =>
        Assert.Equal(
            "192.0.2.0 2001:db8::",
            Plan([Pool("a", "192.0.2.0/30", "2001:db8::/126")], [Of("s") with { Spec = Spec(["IPv4", "IPv6"]) }])["s"]
        );

    [Fact]
    public void The_pool_of_the_guide_is_for_the_Services_that_it_says()
    {
        var example = Repository.Read("docs/services.md").Split("```yaml\n")[1].Split("```")[0];
        using var yaml = new StringReader(example);
        var pool = YamlJson.Read(yaml).Single()!.Value.Deserialize(WeftResources.LoadBalancerPools.Json)!;
        var edge = Of("edge") with { Spec = Spec(["IPv4", "IPv6"]) };
        edge = edge with
        {
            Metadata = edge.Metadata with { Labels = new Dictionary<string, string> { ["tier"] = "edge" } },
        };
        var shares = Plan([pool], [edge, Of("other")]);
        Assert.Equal("192.0.2.0 2001:db8::", shares["edge"]);
        Assert.DoesNotContain("other", shares.Keys);
    }

    [Fact]
    public void What_a_Service_has_it_keeps_whoever_comes()
    {
        var holder = Of("holder", age: 1, has: "192.0.2.1");
        var shares = Plan([Pool("a", "192.0.2.0/31")], [Of("older", age: 9), holder, Of("third", age: 5)]);
        Assert.Equal(["192.0.2.1", "192.0.2.0"], [shares["holder"], shares["older"]]);
        Assert.Equal("- NoFreeAddress", shares["third"]);
    }

    [Fact]
    public void A_plan_of_what_was_planned_changes_nothing()
    {
        var pools = new[] { Pool("a", "192.0.2.0/28"), Pool("b", "198.51.100.0/28") };
        Service[] services = [.. Enumerable.Range(0, 20).Select(i => Of($"s{i}", age: i % 5))];
        var first = Plan(pools, services);
        var second = Plan(pools, [.. services.Select(s => Of(s.Metadata.Name!, age: 0, has: first[s.Metadata.Name!]))]);
        Assert.Equal(first, second);
        Assert.Distinct(first.Values);
    }

    [Fact]
    public void An_address_that_is_asked_for_is_given_before_others_are_chosen()
    {
        var shares = Plan([Pool("a", "192.0.2.0/30")], [Of("old", age: 9), Of("asks", wants: "192.0.2.0")]);
        Assert.Equal(["192.0.2.1", "192.0.2.0"], [shares["old"], shares["asks"]]);
    }

    [Theory]
    [InlineData("203.0.113.1", "NotInPool")]
    [InlineData("192.0.2.1", "AddressTaken")]
    [InlineData("nonsense", "InvalidRequest")]
    [InlineData("192.0.2.1,192.0.2.2", "InvalidRequest")]
    public void An_address_that_cannot_be_given_is_not_replaced_by_another(string wants, string reason)
    {
        var shares = Plan([Pool("a", "192.0.2.0/30")], [Of("holder", has: "192.0.2.1"), Of("asks", wants: wants)]);
        Assert.Equal($"- {reason}", shares["asks"]);
    }

    [Fact]
    public void The_field_of_the_Service_asks_too()
    {
        var service = Of("s") with { Spec = Spec(["IPv4"]) with { LoadBalancerIP = "192.0.2.3" } };
        Assert.Equal("192.0.2.3", Plan([Pool("a", "192.0.2.0/30")], [service])["s"]);
    }

    [Fact]
    public void Services_of_one_key_share_an_address_unless_they_have_a_port_in_common()
    {
        var shares = Plan(
            [Pool("a", "192.0.2.0/29")],
            [
                Of("web", age: 9, key: "k", port: 80),
                Of("tls", age: 8, key: "k", port: 443),
                Of("web2", age: 7, key: "k", port: 80),
                Of("dns-udp", age: 6, key: "k", port: 80, protocol: "UDP"),
                Of("other-key", age: 5, key: "l", port: 81),
                Of("no-key", age: 4, port: 82),
            ]
        );
        Assert.Equal(shares["web"], shares["tls"]);
        Assert.Equal(shares["web"], shares["dns-udp"]);
        Assert.Distinct([shares["web"], shares["web2"], shares["other-key"], shares["no-key"]]);
    }

    [Fact]
    public void An_address_that_is_asked_for_may_be_shared_by_key()
    {
        var shares = Plan(
            [Pool("a", "192.0.2.0/29")],
            [
                Of("web", age: 9, key: "k", port: 80, wants: "192.0.2.5"),
                Of("tls", age: 8, key: "k", port: 443, wants: "192.0.2.5"),
                Of("thief", age: 7, port: 53, wants: "192.0.2.5"),
            ]
        );
        Assert.Equal(["192.0.2.5", "192.0.2.5", "- AddressTaken"], [shares["web"], shares["tls"], shares["thief"]]);
    }

    [Fact]
    public void Pools_are_for_the_Services_they_select_and_others_are_left_to_others()
    {
        var pool = Pool("a", "192.0.2.0/30") with
        {
            Spec = new WeftLoadBalancerPoolSpec
            {
                Cidrs = ["192.0.2.0/30"],
                ServiceSelector = new LabelSelector
                {
                    MatchLabels = new Dictionary<string, string> { ["tier"] = "edge" },
                },
            },
        };
        var edge = Of("edge") with
        {
            Metadata = Of("edge").Metadata with { Labels = new Dictionary<string, string> { ["tier"] = "edge" } },
        };
        var shares = Plan([pool], [edge, Of("plain"), Ours("ours")]);
        Assert.Equal("192.0.2.0", shares["edge"]);
        Assert.DoesNotContain("plain", shares.Keys);
        // It names our class: nobody else will say what it lacks.
        Assert.Equal("- NoFreeAddress", shares["ours"]);
    }

    [Fact]
    public void Another_class_and_other_types_are_none_of_ours()
    {
        var other = Of("other") with { Spec = Spec(["IPv4"]) with { LoadBalancerClass = "example.com/lb" } };
        var nodePort = Of("np") with { Spec = Spec(["IPv4"]) with { Type = "NodePort" } };
        Assert.Empty(Plan([Pool("a", "192.0.2.0/30")], [other, nodePort]));
    }

    [Fact]
    public void Prefixes_that_overlap_anything_are_refused_with_its_name()
    {
        var (_, pools) = AddressPlan.Make(
            [
                Pool("old", "192.0.2.0/24"),
                Pool("young", "192.0.2.128/25", "10.244.3.0/24", "10.0.0.0/24", "10.96.0.0/16", "nonsense") with
                {
                    Metadata = new ObjectMeta { Name = "young", CreationTimestamp = Start.AddHours(1) },
                },
            ],
            [
                new WeftIPPool
                {
                    Metadata = new ObjectMeta { Name = "pods" },
                    Spec = new WeftIPPoolSpec { Ranges = [new WeftIPRange { Cidr = "10.244.0.0/16", BlockSize = 24 }] },
                },
            ],
            [
                new UsedAddress(Ip.Parse("10.0.0.5"), "node n1"),
                new UsedAddress(Ip.Parse("10.96.0.1"), "service default/kubernetes"),
            ],
            []
        );
        Assert.Empty(pools[0].Refused);
        Assert.Equal(
            [
                "192.0.2.128/25 overlaps 192.0.2.0/24 of WeftLoadBalancerPool old",
                "10.244.3.0/24 overlaps 10.244.0.0/16 of WeftIPPool pods",
                "10.0.0.0/24 contains 10.0.0.5, the address of node n1",
                "10.96.0.0/16 contains 10.96.0.1, the address of service default/kubernetes",
                "\"nonsense\" is not a prefix with host bits clear",
            ],
            pools[1].Refused
        );
    }

    [Fact]
    public void A_pool_says_how_many_of_its_addresses_are_had()
    {
        var (_, pools) = AddressPlan.Make(
            [Pool("a", "192.0.2.0/30"), Pool("b", "198.51.100.0/30")],
            [],
            [],
            [Of("s1"), Of("s2"), Of("s3", wants: "198.51.100.2")]
        );
        Assert.Equal([2, 1], pools.Select(pool => pool.Used));
    }

    private static Dictionary<string, string> Plan(
        IReadOnlyCollection<WeftLoadBalancerPool> pools,
        IEnumerable<Service> services
    ) =>
        AddressPlan
            .Make(pools, [], [], services)
            .Services.ToDictionary(
                share => share.Service.Metadata.Name!,
                share =>
                    share.IsComplete
                        ? string.Join(" ", share.Addresses)
                        : $"{(share.Addresses.Count == 0 ? "-" : string.Join(" ", share.Addresses))} {share.Reason}"
            );

    private static WeftLoadBalancerPool Pool(string name, params string[] cidrs) =>
        new()
        {
            Metadata = new ObjectMeta { Name = name, CreationTimestamp = Start },
            Spec = new WeftLoadBalancerPoolSpec { Cidrs = cidrs },
        };

    private static Service Ours(string name) =>
        Of(name) with
        {
            Spec = Spec(["IPv4"]) with { LoadBalancerClass = WeftLoadBalancerPool.Class },
        };

    private static ServiceSpec Spec(IReadOnlyList<string> families) =>
        new()
        {
            Type = "LoadBalancer",
            IpFamilies = families,
            Ports = [new ServicePort { Port = 80 }],
        };

    private static Service Of(
        string name,
        int age = 0,
        string? has = null,
        string? wants = null,
        string? key = null,
        int port = 80,
        string? protocol = null
    )
    {
        var annotations = new Dictionary<string, string>();
        if (wants is not null)
        {
            annotations[WeftLoadBalancerPool.AddressesAnnotation] = wants;
        }

        if (key is not null)
        {
            annotations[WeftLoadBalancerPool.SharingAnnotation] = key;
        }

        return new Service
        {
            Metadata = new ObjectMeta
            {
                Name = name,
                Namespace = "default",
                CreationTimestamp = Start.AddHours(-age),
                Annotations = annotations,
            },
            Spec = Spec(["IPv4"]) with { Ports = [new ServicePort { Port = port, Protocol = protocol }] },
            Status = has is null
                ? null
                : new ServiceStatus
                {
                    LoadBalancer = new LoadBalancerStatus { Ingress = [new LoadBalancerIngress { Ip = has }] },
                },
        };
    }
}
