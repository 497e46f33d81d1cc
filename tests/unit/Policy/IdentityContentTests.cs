using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;
using Weft.Resources;

namespace Weft.Tests.Unit.Policy;

public sealed class IdentityContentTests
{
    private static readonly PodKeys Keys = new(["app", "tier"], ["team"], [new PortName("http", "TCP")]);

    [Fact]
    public void The_canonical_form_is_one_line_for_each_fact_in_order()
    {
        var content = Of(
            new()
            {
                ["tier"] = "",
                ["app"] = "web",
                ["other"] = "x",
            },
            [Port("http", 8080), Port("http", 80), Port("dns", 53)]
        );
        Assert.Equal(
            """
            namespace shop
            label app=web
            label tier=
            no namespace label team
            port http TCP 80
            port http TCP 8080

            """,
            content.Canonical
        );
    }

    [Fact]
    public void Names_and_numbers_are_what_they_were_in_every_version()
    {
        // These are in clusters: a change here renames every identity there is.
        var content = Of(new() { ["app"] = "web" }, []);
        Assert.Equal("shop-y6clfy3oac5ths5hcki7", content.Name);
        Assert.Equal(2538129u, content.PreferredNumber);
    }

    [Fact]
    public void A_label_with_an_empty_value_is_not_an_absent_one() =>
        Assert.NotEqual(Of(new() { ["app"] = "" }, []).Name, Of([], []).Name);

    [Fact]
    public void An_identity_says_which_keys_its_pods_do_not_have()
    {
        var spec = Of(new() { ["app"] = "web" }, []).ToIdentity(300).Spec;
        Assert.Equal(300u, spec.Id);
        Assert.Equal(new Dictionary<string, string> { ["app"] = "web" }, spec.Labels);
        Assert.Equal(["tier"], spec.AbsentLabels);
        Assert.Null(spec.NamespaceLabels);
        Assert.Equal(["team"], spec.AbsentNamespaceLabels);
        Assert.Null(spec.Ports);
        Assert.Equal(["http/TCP"], spec.AbsentPorts);
    }

    [Fact]
    public void An_identitys_content_is_read_back_from_its_object()
    {
        var content = Of(new() { ["app"] = "web" }, [Port("http", 80)]);
        var identity = content.ToIdentity(4711);
        Assert.Equal(content, IdentityContent.Of(identity.Spec));
        Assert.Equal(identity.Metadata.Name, IdentityContent.Of(identity.Spec).Name);
    }

    [Fact]
    public void A_pod_on_its_nodes_network_has_none() =>
        Assert.Null(
            IdentityContent.Of(
                new Pod
                {
                    Metadata = new ObjectMeta { Namespace = "x", Name = "p" },
                    Spec = new PodSpec { HostNetwork = true },
                },
                null,
                Keys
            )
        );

    [Fact]
    public void Sidecars_ports_count_and_those_of_other_init_containers_do_not()
    {
        var pod = new Pod
        {
            Metadata = new ObjectMeta { Namespace = "x", Name = "p" },
            Spec = new PodSpec
            {
                Containers = [Container("main", "http", 80, null)],
                InitContainers = [Container("proxy", "admin", 15000, "Always"), Container("init", "early", 1, null)],
            },
        };
        Assert.Equal(["admin", "http"], NamedPorts.Of(pod).Select(port => port.Name));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(255u)]
    [InlineData(uint.MaxValue)]
    [InlineData(16776960u)]
    public void Every_number_is_within_what_is_not_reserved(uint number) =>
        Assert.InRange(IdentityNumbers.InRange(number), WeftIdentitySpec.FirstId, WeftIdentitySpec.LastId);

    [Fact]
    public void A_number_that_is_taken_is_passed_over_and_the_end_leads_to_the_beginning()
    {
        var taken = new HashSet<uint> { WeftIdentitySpec.LastId, WeftIdentitySpec.FirstId };
        Assert.Equal(500u, IdentityNumbers.Pick(500, taken.Contains));
        Assert.Equal(WeftIdentitySpec.FirstId + 1, IdentityNumbers.Pick(WeftIdentitySpec.LastId, taken.Contains));
    }

    [Fact]
    public void When_all_numbers_are_taken_there_is_none() => Assert.Null(IdentityNumbers.Pick(500, _ => true));

    private static IdentityContent Of(Dictionary<string, string> labels, IEnumerable<WeftIdentityPort> ports) =>
        IdentityContent.Of("shop", labels, new Dictionary<string, string>(), ports, Keys);

    private static WeftIdentityPort Port(string name, int number) =>
        new()
        {
            Name = name,
            Protocol = "TCP",
            Port = number,
        };

    private static Container Container(string name, string port, int number, string? restart) =>
        new()
        {
            Name = name,
            RestartPolicy = restart,
            Ports = [new ContainerPort { Name = port, Port = number }],
        };
}
