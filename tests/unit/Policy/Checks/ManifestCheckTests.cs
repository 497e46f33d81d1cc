using Weft.Cli.Policies;
using Weft.Policy.Checks;

namespace Weft.Tests.Unit.Policy.Checks;

/// <summary>`weft policy check` on manifests as people write them.</summary>
public sealed class ManifestCheckTests
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          template:
            metadata: {labels: {app: web}}
            spec:
              containers: [{name: web, ports: [{name: http, containerPort: 8080}]}]
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {team: red}}
        """;

    [Theory]
    [InlineData("{podSelector: {matchLabels: {app: yes}}}", "spec.podSelector.matchLabels.app", "quote a text")]
    [InlineData("{podSelector: {matchLabels: {app: 1.20}}}", "spec.podSelector.matchLabels.app", "quote a text")]
    [InlineData("{podSelector: {matchLabels: {a b: c}}}", "spec.podSelector.matchLabels", "no key of a label")]
    [InlineData("{podSelector: {matchLabels: {a: b/c}}}", "spec.podSelector.matchLabels", "no label's value")]
    [InlineData("{podSelector: {}, ingres: []}", "spec.ingres", "there are podSelector, policyTypes, ingress, egress")]
    [InlineData("{podSelector: {}, ingress: [{form: []}]}", "spec.ingress[0].form", "there are from, ports")]
    [InlineData("{podSelector: {}, policyTypes: [Inbound]}", "spec.policyTypes", "neither Ingress nor Egress")]
    [InlineData("{podSelector: {}, policyTypes: [Ingress, Egress, Ingress]}", "spec.policyTypes", "two at most")]
    [InlineData(
        "{podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}}",
        "spec.podSelector",
        "\"in\""
    )]
    [InlineData("{podSelector: {}, ingress: [{from: [{}]}]}", "spec.ingress[0].from[0]", "names no peer")]
    [InlineData(
        "{podSelector: {}, ingress: [{ports: [{protocol: ICMP}]}]}",
        "spec.ingress[0].ports[0].protocol",
        "TCP, UDP, SCTP"
    )]
    [InlineData(
        "{podSelector: {}, ingress: [{ports: [{port: 90, endPort: 80}]}]}",
        "spec.ingress[0].ports[0]",
        "90 to 80"
    )]
    [InlineData(
        "{podSelector: {}, ingress: [{ports: [{endPort: 80}]}]}",
        "spec.ingress[0].ports[0].endPort",
        "needs a port"
    )]
    [InlineData(
        "{podSelector: {}, ingress: [{ports: [{port: HTTP}]}]}",
        "spec.ingress[0].ports[0].port",
        "no port's name"
    )]
    [InlineData(
        "{podSelector: {}, ingress: [{ports: [{port: 80/tcp}]}]}",
        "spec.ingress[0].ports[0].port",
        "no port's"
    )]
    [InlineData(
        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0}}]}]}",
        "spec.egress[0].to[0].ipBlock.cidr",
        "not a prefix"
    )]
    [InlineData(
        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24, except: [10.1.0.0/28]}}]}]}",
        "spec.egress[0].to[0].ipBlock.except",
        "not inside of 10.0.0.0/24"
    )]
    [InlineData(
        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24, except: [10.0.0.0/24]}}]}]}",
        "spec.egress[0].to[0].ipBlock.except[0]",
        "is all of"
    )]
    [InlineData(
        "{podSelector: {}, egress: [{to: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/24}}]}]}",
        "spec.egress[0].to[0]",
        "a peer of their own"
    )]
    public void What_the_api_server_refuses_is_an_error(string spec, string path, string message) =>
        AssertFound(Severity.Error, path, message, Check(spec));

    [Theory]
    [InlineData("{podSelector: {}, policyTypes: [Ingress], egress: [{}]}", "spec.egress", "does not have Egress")]
    [InlineData(
        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.1/24}}]}]}",
        "spec.egress[0].to[0].ipBlock.cidr",
        "means 10.0.0.0/24"
    )]
    public void What_it_takes_although_it_says_something_else_is_a_warning(string spec, string path, string message) =>
        AssertFound(Severity.Warning, path, message, Check(spec));

    [Theory]
    [InlineData("{podSelector: {matchLabels: {app: wbe}}}", "spec.podSelector", "selects no pod of namespace shop")]
    [InlineData(
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]}",
        "spec.ingress[0].from[0]",
        "without a namespaceSelector it means no other namespace"
    )]
    [InlineData(
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}]}]}",
        "spec.ingress[0].from[0]",
        "matches no namespace"
    )]
    [InlineData(
        "{podSelector: {}, ingress: [{ports: [{port: https}]}]}",
        "spec.ingress[0].ports[0].port",
        "their ports are http/TCP"
    )]
    [InlineData(
        "{podSelector: {}, ingress: [{ports: [{port: http, protocol: UDP}]}]}",
        "spec.ingress[0].ports[0].port",
        "over UDP"
    )]
    [InlineData(
        "{podSelector: {}, egress: [{to: [{podSelector: {}}], ports: [{port: https}]}]}",
        "spec.egress[0].ports[0].port",
        "named https"
    )]
    public void What_matches_nothing_of_the_files_is_a_warning(string spec, string path, string message) =>
        AssertFound(Severity.Warning, path, message, Check(spec, Web));

    [Theory]
    [InlineData(
        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}], ports: [{port: http}]}]}"
    )]
    [InlineData("{podSelector: {}, egress: [{to: [{namespaceSelector: {}}], ports: [{port: http}]}]}")]
    [InlineData("{podSelector: {}, policyTypes: [Ingress, Egress]}")]
    [InlineData("{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24, except: [10.0.0.0/28]}}]}]}")]
    public void A_policy_that_does_what_it_says_is_left_alone(string spec) => Assert.Empty(Check(spec, Web));

    [Fact]
    public void Without_pods_nothing_is_said_of_who_is_selected() =>
        Assert.Empty(Check("{podSelector: {matchLabels: {app: anything}}, ingress: [{ports: [{port: http}]}]}"));

    [Fact]
    public void A_namespace_whose_labels_are_not_given_may_have_any() =>
        Assert.Empty(
            Check(
                "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: blue}}}]}]}",
                Web.Split("---")[0]
            )
        );

    [Fact]
    public void A_pod_on_its_nodes_network_is_told_of()
    {
        var findings = Check(
            "{podSelector: {}}",
            """
            {apiVersion: v1, kind: Pod, metadata: {name: proxy, namespace: shop}, spec: {hostNetwork: true, containers: []}}
            """
        );
        AssertFound(Severity.Warning, "spec.podSelector", "Pod shop/proxy, which is on its node's network", findings);
    }

    [Fact]
    public void A_second_policy_of_a_name_is_told_of_the_first()
    {
        var findings = Check("{podSelector: {}}", Policy("{podSelector: {}}"));
        AssertFound(Severity.Warning, "metadata.name", "takes the place of the one at f:1", findings);
    }

    [Fact]
    public void An_old_api_version_is_told_what_it_has_to_be() =>
        AssertFound(
            Severity.Error,
            "apiVersion",
            "networking.k8s.io/v1",
            Check(
                Policy("{}").Replace("networking.k8s.io/v1", "extensions/v1beta1", StringComparison.Ordinal),
                raw: true
            )
        );

    [Fact]
    public void Policies_of_other_projects_are_none_of_ours() =>
        Assert.Empty(
            Check(
                Policy("{nonsense: 1}").Replace("networking.k8s.io/v1", "crd.example.org/v1", StringComparison.Ordinal),
                raw: true
            )
        );

    [Fact]
    public void A_message_names_file_document_and_field() =>
        Assert.Equal(
            "f:2:spec.ingres: error: NetworkPolicy shop/p: there is no such field; there are podSelector, policyTypes, ingress, egress",
            Assert.Single(Check("{}\n---\n" + Policy("{podSelector: {}, ingres: []}"), raw: true)).ToString()
        );

    [Fact]
    public void Lists_as_kubectl_writes_them_are_opened()
    {
        var list =
            $"apiVersion: v1\nkind: List\nitems:\n- {Policy("{podSelector: {}, ingres: []}").Replace("\n", "\n  ", StringComparison.Ordinal)}";
        Assert.Single(Check(list, raw: true));
    }

    private static IReadOnlyList<ManifestFinding> Check(string spec, string others) =>
        Check($"{Policy(spec)}\n---\n{others}", raw: true);

    private static IReadOnlyList<ManifestFinding> Check(string text, bool raw = false) =>
        ManifestCheck.Of(
            YamlJson
                .Read(new StringReader(raw ? text : Policy(text)))
                .SelectMany((json, i) => json is { } there ? (Manifest[])[new Manifest($"f:{i + 1}", there)] : [])
        );

    private static string Policy(string spec) =>
        $$"""
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: p, namespace: shop}
            spec: {{spec}}
            """;

    private static void AssertFound(
        Severity severity,
        string path,
        string message,
        IReadOnlyList<ManifestFinding> findings
    )
    {
        var found = Assert.Single(findings).Finding;
        Assert.Equal((severity, path), (found.Severity, found.Path));
        Assert.Contains(message, found.Message, StringComparison.Ordinal);
    }
}
