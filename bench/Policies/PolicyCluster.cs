using System.Globalization;
using System.Text.Json;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Bench.Policies;

/// <summary>
/// What policies see of a cluster of several teams: 100 namespaces with ten policies each, and a hundred identities. Every
/// pod is isolated both ways; rules name pods of their own namespace, of other teams' and of the whole cluster, prefixes
/// with exceptions, ranges and names of ports.
/// </summary>
internal static class PolicyCluster
{
    public const int Namespaces = 100;
    public const int IdentitiesOfNamespace = 100;
    private const int Teams = 10;
    private const int Tiers = 2;
    private const int Apps = IdentitiesOfNamespace / Tiers;
    private const int AppsOfPolicy = 7;

    // Beside one that denies, one for name lookups and one for monitoring.
    private const int PoliciesOfApps = 7;

    public static IReadOnlyList<NetworkPolicy> Policies() =>
        [.. Enumerable.Range(0, Namespaces).SelectMany(PoliciesOf)];

    public static IReadOnlyList<WeftIdentitySpec> Identities() =>
        [
            .. Enumerable
                .Range(0, Namespaces * IdentitiesOfNamespace)
                .Select(i => Identity((uint)i, i % Namespaces, i / Namespaces % Apps, i / Namespaces / Apps)),
        ];

    /// <summary>One that the cluster has not had, alike to others in all but a label.</summary>
    /// <param name="index">Counts them.</param>
    public static WeftIdentitySpec NewIdentity(int index) =>
        Identity(
            (uint)((Namespaces * IdentitiesOfNamespace) + index),
            index % Namespaces,
            index % Apps,
            Tiers + (index / Namespaces)
        );

    /// <summary>A policy from the JSON of its spec.</summary>
    public static NetworkPolicy Policy(string ns, string name, string spec) =>
        JsonSerializer.Deserialize(
            $$$"""{"metadata": {"namespace": "{{{ns}}}", "name": "{{{name}}}"}, "spec": {{{{spec}}}} }""",
            Kinds.NetworkPolicies.Json
        )!;

    private static IEnumerable<NetworkPolicy> PoliciesOf(int ns) =>
        [
            Policy($"ns{ns}", "deny", """ "podSelector": {}, "policyTypes": ["Ingress", "Egress"] """),
            Policy(
                $"ns{ns}",
                "dns",
                $$$"""
                "podSelector": {}, "policyTypes": ["Egress"], "egress": [
                  {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ns0"}}, "podSelector": {{{Is(
                    0
                )}}}}],
                   "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]}]
                """
            ),
            Policy(
                $"ns{ns}",
                "monitoring",
                $$$"""
                "podSelector": {}, "ingress": [
                  {"from": [{"namespaceSelector": {"matchLabels": {"team": "t0"}}, "podSelector": {{{Is(1)}}}}],
                   "ports": [{"port": "http"}]}]
                """
            ),
            .. Enumerable.Range(0, PoliciesOfApps).Select(k => Policy($"ns{ns}", $"apps{k}", OfApps(ns, k))),
        ];

    private static string OfApps(int ns, int k)
    {
        var first = AppsOfPolicy * k;
        // Every seventh lets a whole team in: a thousand identities.
        var team = k == 0 ? $$$""", {"namespaceSelector": {"matchLabels": {"team": "t{{{ns % Teams}}}"} }}""" : "";
        return $$$"""
            "podSelector": {{{In(first)}}}, "policyTypes": ["Ingress", "Egress"],
            "ingress": [
              {"from": [{"podSelector": {{{In(first + AppsOfPolicy)}}}}, {"podSelector": {{{Is(first)}}}}{{{team}}}],
               "ports": [{"port": 80}, {"port": 443}]},
              {"from": [{"namespaceSelector": {"matchLabels": {"team": "t{{{(ns + k)
                % Teams}}}"}}, "podSelector": {{{In(first + 1)}}}}],
               "ports": [{"port": 9000, "endPort": 9015}]}],
            "egress": [
              {"to": [{"podSelector": {{{In(
                first + (2 * AppsOfPolicy)
            )}}}}], "ports": [{"port": 5432}, {"port": "http"}]},
              {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "192.168.0.0/16"]}}, {"ipBlock": {"cidr": "::/0"}}],
               "ports": [{"port": 443}]},
              {"to": [{"ipBlock": {"cidr": "10.{{{ns}}}.{{{k}}}.0/24"}}], "ports": [{"port": 5432}, {"port": 6000, "endPort": 6100}]}]
            """;
    }

    private static string Is(int app) => $$$"""{"matchLabels": {"app": "a{{{app % Apps}}}"}}""";

    private static string In(int first)
    {
        var apps = Enumerable.Range(first, AppsOfPolicy).Select(app => $"\"a{app % Apps}\"");
        return $$$"""{"matchExpressions": [{"key": "app", "operator": "In", "values": [{{{string.Join(", ", apps)}}}]}]}""";
    }

    private static WeftIdentitySpec Identity(uint index, int ns, int app, int tier) =>
        new()
        {
            Id = WeftIdentitySpec.FirstId + index,
            Namespace = $"ns{Text(ns)}",
            Labels = new Dictionary<string, string> { ["app"] = $"a{Text(app)}", ["tier"] = $"t{Text(tier)}" },
            NamespaceLabels = new Dictionary<string, string> { ["team"] = $"t{Text(ns % Teams)}" },
            Ports =
            [
                new WeftIdentityPort
                {
                    Name = "http",
                    Protocol = "TCP",
                    Port = 8080,
                },
            ],
        };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
