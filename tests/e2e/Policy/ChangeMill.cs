using System.Text.Json.Nodes;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>
/// Changes of all kinds that policies can meet. Each leaves the same connections to x/a allowed (from x/b and y/b) and
/// the same denied (from z/a and z/b, and all that x/c sends).
/// </summary>
internal sealed class ChangeMill(KubernetesClient client, CancellationToken cancel)
{
    private const string Manager = "weft-test";
    private const string PodB = """ "matchLabels": {"pod": "b"} """;

    private const string NoKey = """ "matchExpressions": [{"key": "KEY", "operator": "DoesNotExist"}] """;

    // Of x/b, which reaches x/a by the first peer.
    private const string EgressByTier = """
        {"podSelector": {"matchLabels": {"pod": "b"}}, "policyTypes": ["Egress"],
         "egress": [{"to": [{"podSelector": {}}, {"namespaceSelector": {"matchLabels": {"tier": "1"}}}]}]}
        """;

    // Of all pods of x, from some that may reach x/a anyway, or that do not try.
    private const string IngressByNote = """
        {"podSelector": {}, "ingress": [{"from": [{"podSelector": {"matchExpressions": [
          {"key": "note", "operator": "Exists"}, {"key": "pod", "operator": "NotIn", "values": ["c"]}]}}]}]}
        """;

    private const string Container = """
        {"nodeName": "node1", "terminationGracePeriodSeconds": 0,
         "containers": [{"name": "main", "image": "host", "command": ["sleep", "infinity"]}]}
        """;

    private int turn;

    /// <summary>Makes the policies that hold throughout.</summary>
    public async Task StartAsync()
    {
        await ApplyAsync(Kinds.NetworkPolicies, new ObjectKey("x", "guard"), Guard(PodB));
        await ApplyAsync(
            Kinds.NetworkPolicies,
            new ObjectKey("x", "guard-out"),
            """{"podSelector": {"matchLabels": {"pod": "c"}}, "policyTypes": ["Egress"]}"""
        );
    }

    /// <summary>One change; returns how many there were.</summary>
    public async Task<int> TurnAsync()
    {
        turn++;
        var guard = new ObjectKey("x", "guard");
        await (
            (turn % 10) switch
            {
                // A key that no pod's identity has been asked about: identities split.
                0 => ApplyAsync(
                    Kinds.NetworkPolicies,
                    guard,
                    Guard($"{PodB}, {NoKey.Replace("KEY", $"key{turn / 10 % 7}", StringComparison.Ordinal)}")
                ),
                1 => LabelAsync(Kinds.Pods, new ObjectKey("x", "b"), "note", $"{turn % 3}"),
                2 => ApplyAsync(Kinds.NetworkPolicies, guard, Guard(PodB)),
                3 => LabelAsync(Kinds.Pods, new ObjectKey("z", "a"), "note", turn % 4 == 1 ? null : $"{turn % 3}"),
                4 => ToggleAsync(Kinds.NetworkPolicies, new ObjectKey("x", "more"), IngressByNote),
                5 => LabelAsync(
                    Kinds.Namespaces,
                    new ObjectKey(null, turn % 4 == 1 ? "y" : "z"),
                    "tier",
                    $"{turn % 3}"
                ),
                6 => ApplyAsync(
                    Kinds.NetworkPolicies,
                    guard,
                    Guard(PodB, $", {{\"ipBlock\": {{\"cidr\": \"203.0.113.{turn % 256}/32\"}}}}")
                ),
                7 => ToggleAsync(Kinds.Pods, new ObjectKey("x", "passing"), Container),
                8 => ToggleAsync(Kinds.Namespaces, new ObjectKey(null, "passing"), "{}"),
                _ => ToggleAsync(Kinds.NetworkPolicies, new ObjectKey("x", "out"), EgressByTier),
            }
        );
        return turn;
    }

    private static string Guard(string own, string more = "") =>
        """
            {"podSelector": {"matchLabels": {"pod": "a"}}, "ingress": [{"from": [{"podSelector": {OWN}},
              {"namespaceSelector": {"matchLabels": {"ns": "y"}}, "podSelector": {OWN}}MORE]}]}
            """.Replace("OWN", own, StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal);

    private async Task LabelAsync<T>(Resource<T> kind, ObjectKey key, string label, string? value)
        where T : class, IKubernetesObject =>
        await client.PatchAsync(
            kind,
            key,
            Patch.Merge(
                new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [label] = value } } }
            ),
            cancel
        );

    private async Task ApplyAsync<T>(Resource<T> kind, ObjectKey key, string spec)
        where T : class, IKubernetesObject =>
        await client.ApplyAsync(
            kind.Unstructured,
            new Unstructured
            {
                ApiVersion = kind.ApiVersion,
                Kind = kind.Kind,
                Metadata = new ObjectMeta { Name = key.Name, Namespace = key.Namespace },
                Fields = new JsonObject { ["spec"] = JsonNode.Parse(spec) },
            },
            Manager,
            force: true,
            cancel
        );

    /// <summary>Makes it if it is not there, else deletes it.</summary>
    private async Task ToggleAsync<T>(Resource<T> kind, ObjectKey key, string spec)
        where T : class, IKubernetesObject
    {
        if (await client.FindAsync(kind, key, cancel) is null)
        {
            await ApplyAsync(kind, key, spec);
            return;
        }

        try
        {
            await client.DeleteAsync(kind, key, null, cancel);
        }
        catch (KubernetesException e) when (e.IsNotFound)
        {
            // Its deletion was under way.
        }
    }
}
