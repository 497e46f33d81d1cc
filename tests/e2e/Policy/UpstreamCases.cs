using Weft.Lab.Probes;
using static Weft.Lab.Probes.PathProtocol;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>A case of Kubernetes' test/e2e/network/netpol, under its name there.</summary>
internal sealed record UpstreamCase(string Name, params IReadOnlyList<CaseStep> Steps);

/// <summary>
/// The 48 cases of Kubernetes 1.36. Theirs run with as few pods as each needs; here all nine are there every time, and
/// what a case does not speak of must work.
/// </summary>
internal static class UpstreamCases
{
    private const string A = "podSelector: {matchLabels: {pod: a}}";
    private const string Everyone = "podSelector: {}";
    private const string OnlyEgress = "policyTypes: [Egress]";
    private const string NotX =
        "namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [x]}]}";
    private const string InY = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: 'y'}}";
    private const string InX = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}";
    private const string PodA = "podSelector: {matchLabels: {pod: a}}";
    private const string PodB = "podSelector: {matchLabels: {pod: b}}";
    private const string AllButB =
        "to: [{ipBlock: {cidr: 10.244.0.0/16, except: ['{x/b/v4}']}}, {ipBlock: {cidr: 'fd00:10:244::/48', except: ['{x/b/v6}']}}]";

    public static IReadOnlyList<UpstreamCase> All { get; } =
    [
        new(
            "should support a 'default-deny-ingress' policy",
            In("x", Everyone),
            Tcp(80, (_, to) => to.Namespace != "x")
        ),
        new(
            "should support a 'default-deny-all' policy",
            In("x", $"{Everyone}, policyTypes: [Ingress, Egress]"),
            Tcp(80, (from, to) => from.Namespace != "x" && to.Namespace != "x")
        ),
        new(
            "should enforce policy to allow traffic from pods within server namespace based on PodSelector",
            In("x", $"{A}, ingress: [{{from: [{{{PodB}}}]}}]"),
            Tcp(80, ToA(from => from.Is("x/b")))
        ),
        new(
            "should enforce policy to allow ingress traffic for a target",
            In("x", Everyone, "deny"),
            In("x", $"{A}, ingress: [{{from: [{{podSelector: {{}}, namespaceSelector: {{}}}}]}}]"),
            Tcp(80, (_, to) => to.Namespace != "x" || to.Name == "a")
        ),
        new(
            "should enforce policy to allow ingress traffic from pods in all namespaces",
            In("x", $"{A}, ingress: [{{from: [{{namespaceSelector: {{}}}}]}}]"),
            Tcp(80, ToA(_ => true))
        ),
        new(
            "should enforce policy to allow traffic only from a different namespace, based on NamespaceSelector",
            In("x", $"{A}, ingress: [{{from: [{{{InY}}}]}}]"),
            Tcp(80, ToA(from => from.Namespace == "y"))
        ),
        new(
            "should enforce policy based on PodSelector with MatchExpressions",
            In(
                "x",
                $"{A}, ingress: [{{from: [{{podSelector: {{matchExpressions: [{{key: pod, operator: In, values: [b]}}]}}}}]}}]"
            ),
            Tcp(80, ToA(from => from.Is("x/b")))
        ),
        new(
            "should enforce policy based on NamespaceSelector with MatchExpressions",
            In(
                "x",
                $"{A}, ingress: [{{from: [{{namespaceSelector: {{matchExpressions: [{{key: kubernetes.io/metadata.name, operator: In, values: ['y']}}]}}}}]}}]"
            ),
            Tcp(80, ToA(from => from.Namespace == "y"))
        ),
        new(
            "should enforce policy based on PodSelector or NamespaceSelector",
            In("x", $"{A}, ingress: [{{from: [{{{NotX}}}, {{{PodB}}}]}}]"),
            Tcp(80, ToA(from => from.Namespace != "x" || from.Name == "b"))
        ),
        new(
            "should enforce policy based on PodSelector and NamespaceSelector",
            In("x", $"{A}, ingress: [{{from: [{{{NotX}, {PodB}}}]}}]"),
            Tcp(80, ToA(from => from.Namespace != "x" && from.Name == "b"))
        ),
        new(
            "should enforce policy based on Multiple PodSelectors and NamespaceSelectors",
            In(
                "x",
                $"{A}, ingress: [{{from: [{{{NotX}, podSelector: {{matchExpressions: [{{key: pod, operator: In, values: [b, c]}}]}}}}]}}]"
            ),
            Tcp(80, ToA(from => from.Namespace != "x" && from.Name != "a"))
        ),
        new(
            "should enforce policy based on any PodSelectors",
            In("x", $"{A}, ingress: [{{from: [{{{PodB}}}, {{podSelector: {{matchLabels: {{pod: c}}}}}}]}}]"),
            Tcp(80, ToA(from => from.Namespace == "x"))
        ),
        new(
            "should enforce policy to allow traffic only from a pod in a different namespace based on PodSelector and NamespaceSelector",
            In("x", $"{A}, ingress: [{{from: [{{{InY}, {PodA}}}]}}]"),
            Tcp(80, ToA(from => from.Is("y/a")))
        ),
        new(
            "should enforce policy based on Ports",
            In("x", Port81FromY("TCP")),
            Tcp(81, ToA(from => from.Namespace == "y"))
        ),
        new(
            "should enforce multiple, stacked policies with overlapping podSelectors",
            In("x", Port81FromY("TCP")),
            Tcp(81, ToA(from => from.Namespace == "y")),
            Tcp(80, ToA(_ => false)),
            In("x", $"{A}, ingress: [{{from: [{{{InY}}}], ports: [{{port: 80}}]}}]", "port-80"),
            Tcp(80, ToA(from => from.Namespace == "y"))
        ),
        new(
            "should support allow-all policy",
            In("x", $"{Everyone}, ingress: [{{}}]"),
            Tcp(80, (_, _) => true),
            Tcp(81, (_, _) => true)
        ),
        new(
            "should allow ingress access on one named port",
            In("x", $"{Everyone}, ingress: [{{ports: [{{port: serve-81-tcp}}]}}]"),
            Tcp(81, (_, _) => true),
            Tcp(80, (_, to) => to.Namespace != "x")
        ),
        new(
            "should allow ingress access from namespace on one named port",
            In("x", $"{A}, ingress: [{{from: [{{{InY}}}], ports: [{{port: serve-80-tcp, protocol: TCP}}]}}]"),
            Tcp(80, ToA(from => from.Namespace == "y")),
            Tcp(81, ToA(_ => false))
        ),
        new(
            "should allow egress access on one named port",
            In("x", $"{Everyone}, {OnlyEgress}, egress: [{{ports: [{{port: serve-80-tcp}}]}}]"),
            Tcp(80, (_, _) => true),
            Tcp(81, (from, _) => from.Namespace != "x")
        ),
        new(
            "should enforce updated policy",
            In("x", $"{Everyone}, ingress: [{{}}]"),
            Tcp(81, (_, _) => true),
            In("x", $"{Everyone}, ingress: []"),
            Tcp(81, (_, to) => to.Namespace != "x")
        ),
        new(
            "should allow ingress access from updated namespace",
            In("x", $"{A}, ingress: [{{from: [{{namespaceSelector: {{matchLabels: {{ns2: updated}}}}}}]}}]"),
            Tcp(80, ToA(_ => false)),
            new Label("namespace", "", "y", "ns2=updated"),
            Tcp(80, ToA(from => from.Namespace == "y"))
        ),
        new(
            "should allow ingress access from updated pod",
            In("x", $"{A}, ingress: [{{from: [{{podSelector: {{matchLabels: {{pod: b, pod2: updated}}}}}}]}}]"),
            Tcp(80, ToA(_ => false)),
            new Label("pod", "x", "b", "pod2=updated"),
            Tcp(80, ToA(from => from.Is("x/b")))
        ),
        new(
            "should deny ingress from pods on other namespaces",
            In("x", $"{Everyone}, ingress: [{{from: [{{podSelector: {{}}}}]}}]"),
            Tcp(80, (from, to) => to.Namespace != "x" || from.Namespace == "x")
        ),
        new(
            "should deny ingress access to updated pod",
            In("x", "podSelector: {matchLabels: {target: isolated}}"),
            Tcp(80, (_, _) => true),
            new Label("pod", "x", "a", "target=isolated"),
            Tcp(80, ToA(_ => false))
        ),
        new(
            "should deny egress from pods based on PodSelector",
            In("x", $"{A}, {OnlyEgress}"),
            Tcp(80, FromA(_ => false))
        ),
        new(
            "should deny egress from all pods in a namespace",
            In("x", $"{Everyone}, {OnlyEgress}"),
            Tcp(80, (from, _) => from.Namespace != "x")
        ),
        new(
            "should work with Ingress, Egress specified together",
            In(
                "x",
                $"{A}, policyTypes: [Egress, Ingress], ingress: [{{from: [{{{PodB}}}]}}], egress: [{{ports: [{{port: 80}}]}}]"
            ),
            Tcp(80, ToA(from => from.Is("x/b"))),
            Tcp(81, (from, to) => !from.Is("x/a") && (!to.Is("x/a") || from.Is("x/b")))
        ),
        new(
            "should support denying of egress traffic on the client side (even if the server explicitly allows this traffic)",
            In("x", $"{A}, {OnlyEgress}, egress: [{{to: [{{{InY}, {PodA}}}]}}]"),
            In("y", $"{A}, ingress: [{{from: [{{{InX}, {PodA}}}]}}]", "to-a"),
            In("y", $"{PodB}, ingress: [{{from: [{{{InX}, {PodA}}}]}}]", "to-b"),
            Tcp(80, (from, to) => from.Is("x/a") ? to.Is("y/a") : !to.Is("y/a") && !to.Is("y/b"))
        ),
        new(
            "should enforce egress policy allowing traffic to a server in a different namespace based on PodSelector and NamespaceSelector",
            In("x", $"{A}, {OnlyEgress}, egress: [{{to: [{{{InY}, {PodA}}}]}}]"),
            Tcp(80, FromA(to => to.Is("y/a")))
        ),
        new(
            "should enforce ingress policy allowing any port traffic to a server on a specific protocol",
            In("x", $"{A}, ingress: [{{ports: [{{protocol: TCP}}]}}]"),
            Tcp(80, (_, _) => true),
            new Expect(Udp, 80, ToA(_ => false))
        ),
        new(
            "should enforce multiple ingress policies with ingress allow-all policy taking precedence",
            In("x", $"{Everyone}, ingress: [{{ports: [{{port: 80}}]}}]"),
            Tcp(81, (_, to) => to.Namespace != "x"),
            In("x", $"{Everyone}, ingress: [{{}}]", "all"),
            Tcp(81, (_, _) => true)
        ),
        new(
            "should enforce multiple egress policies with egress allow-all policy taking precedence",
            In("x", $"{Everyone}, {OnlyEgress}, egress: [{{ports: [{{port: 80}}]}}]"),
            Tcp(81, (from, _) => from.Namespace != "x"),
            In("x", $"{Everyone}, {OnlyEgress}, egress: [{{}}]", "all"),
            Tcp(81, (_, _) => true)
        ),
        new(
            "should stop enforcing policies after they are deleted",
            In("x", $"{Everyone}, policyTypes: [Ingress, Egress]"),
            Tcp(80, (from, to) => from.Namespace != "x" && to.Namespace != "x"),
            new DeletePolicies(),
            Tcp(80, (_, _) => true)
        ),
        new(
            "should allow egress access to server in CIDR block",
            In(
                "x",
                $"{A}, {OnlyEgress}, egress: [{{to: [{{ipBlock: {{cidr: '{{y/b/v4}}'}}}}, {{ipBlock: {{cidr: '{{y/b/v6}}'}}}}]}}]"
            ),
            Tcp(80, FromA(to => to.Is("y/b")))
        ),
        new(
            "should enforce except clause while egress access to server in CIDR block",
            In("x", $"{A}, {OnlyEgress}, egress: [{{{AllButB}}}]"),
            Tcp(80, FromA(to => !to.Is("x/b")))
        ),
        new(
            "should ensure an IP overlapping both IPBlock.CIDR and IPBlock.Except is allowed",
            In("x", $"{A}, {OnlyEgress}, egress: [{{{AllButB}}}]"),
            Tcp(80, FromA(to => !to.Is("x/b"))),
            In(
                "x",
                $"{A}, {OnlyEgress}, egress: [{{to: [{{ipBlock: {{cidr: '{{x/b/v4}}'}}}}, {{ipBlock: {{cidr: '{{x/b/v6}}'}}}}]}}]"
            ),
            Tcp(80, FromA(to => to.Is("x/b")))
        ),
        new(
            "should enforce policies to check ingress and egress policies can be controlled independently based on PodSelector",
            In("x", $"{A}, {OnlyEgress}, egress: [{{}}]", "out"),
            Tcp(80, (_, _) => true),
            In("x", A, "in"),
            Tcp(80, ToA(_ => false))
        ),
        new(
            "should not mistakenly treat 'protocol: SCTP' as 'protocol: TCP', even if the plugin doesn't support SCTP",
            In("x", Everyone, "deny"),
            In("x", $"{A}, ingress: [{{ports: [{{port: 81, protocol: SCTP}}]}}]"),
            Tcp(81, (_, to) => to.Namespace != "x")
        ),
        new(
            "should properly isolate pods that are selected by a policy allowing SCTP, even if the plugin doesn't support SCTP",
            In("x", $"{A}, ingress: [{{ports: [{{port: 80, protocol: SCTP}}]}}]"),
            Tcp(81, ToA(_ => false))
        ),
        new(
            "should not allow access by TCP when a policy specifies only UDP",
            In("x", $"{A}, ingress: [{{ports: [{{port: 81, protocol: UDP}}]}}]"),
            Tcp(81, ToA(_ => false))
        ),
        new(
            "should enforce policy to allow traffic based on NamespaceSelector with MatchLabels using default ns label",
            In("x", $"{A}, ingress: [{{from: [{{{InY}}}]}}]"),
            Tcp(80, ToA(from => from.Namespace == "y"))
        ),
        new(
            "should enforce policy based on NamespaceSelector with MatchExpressions using default ns label",
            In(
                "x",
                $"{A}, {OnlyEgress}, egress: [{{to: [{{namespaceSelector: {{matchExpressions: [{{key: kubernetes.io/metadata.name, operator: NotIn, values: ['y']}}]}}}}]}}]"
            ),
            Tcp(80, FromA(to => to.Namespace != "y"))
        ),
        .. OfProtocol("UDP", Udp),
        .. OfProtocol("SCTP", Sctp),
    ];

    private static IEnumerable<UpstreamCase> OfProtocol(string name, PathProtocol protocol) =>
        [
            new(
                $"using {name} should support a 'default-deny-ingress' policy",
                In("x", Everyone),
                new Expect(protocol, 80, (_, to) => to.Namespace != "x")
            ),
            new(
                $"using {name} should enforce policy based on Ports",
                In("x", Port81FromY(name)),
                new Expect(protocol, 81, ToA(from => from.Namespace == "y"))
            ),
            new(
                $"using {name} should enforce policy to allow traffic only from a pod in a different namespace based on PodSelector and NamespaceSelector",
                In("x", $"{A}, ingress: [{{from: [{{{InY}, {PodA}}}]}}]"),
                new Expect(protocol, 80, ToA(from => from.Is("y/a")))
            ),
        ];

    private static string Port81FromY(string protocol) =>
        $"{A}, ingress: [{{from: [{{{InY}}}], ports: [{{port: 81, protocol: {protocol}}}]}}]";

    private static ApplyPolicy In(string ns, string spec, string name = "policy") => new(ns, name, spec);

    private static Expect Tcp(ushort port, Func<PodRef, PodRef, bool> allowed) => new(PathProtocol.Tcp, port, allowed);

    /// <summary>x/a is reached by these, everybody else by all.</summary>
    private static Func<PodRef, PodRef, bool> ToA(Func<PodRef, bool> allowed) =>
        (from, to) => !to.Is("x/a") || allowed(from);

    /// <summary>x/a reaches these, everybody else all.</summary>
    private static Func<PodRef, PodRef, bool> FromA(Func<PodRef, bool> allowed) =>
        (from, to) => !from.Is("x/a") || allowed(to);
}
