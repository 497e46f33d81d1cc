using System.Globalization;
using System.Text.Json;

namespace Weft.Policy.Checks;

/// <summary>
/// Fields that a NetworkPolicy does not have. A rule in a misspelt field would be no rule: kubectl has the API server
/// refuse it (strict field validation), other clients do not.
/// </summary>
public static class FieldChecks
{
    private static readonly Fields anything = new();
    private static readonly Fields selector = new()
    {
        ["matchLabels"] = anything,
        ["matchExpressions"] = new()
        {
            ["key"] = anything,
            ["operator"] = anything,
            ["values"] = anything,
        },
    };
    private static readonly Fields peers = new()
    {
        ["podSelector"] = selector,
        ["namespaceSelector"] = selector,
        ["ipBlock"] = new() { ["cidr"] = anything, ["except"] = anything },
    };
    private static readonly Fields ports = new()
    {
        ["protocol"] = anything,
        ["port"] = anything,
        ["endPort"] = anything,
    };
    private static readonly Fields policy = new()
    {
        ["apiVersion"] = anything,
        ["kind"] = anything,
        ["metadata"] = anything,
        // Objects of old servers have one; it is dropped.
        ["status"] = anything,
        ["spec"] = new()
        {
            ["podSelector"] = selector,
            ["policyTypes"] = anything,
            ["ingress"] = new() { ["from"] = peers, ["ports"] = ports },
            ["egress"] = new() { ["to"] = peers, ["ports"] = ports },
        },
    };

    /// <summary>Checks a manifest of a NetworkPolicy.</summary>
    public static IEnumerable<Finding> Of(JsonElement manifest) => Of(manifest, policy, "");

    private static IEnumerable<Finding> Of(JsonElement value, Fields fields, string path) =>
        value.ValueKind switch
        {
            _ when fields.Count == 0 => [],
            JsonValueKind.Array => value
                .EnumerateArray()
                .SelectMany((item, i) => Of(item, fields, $"{path}[{i.ToString(CultureInfo.InvariantCulture)}]")),
            JsonValueKind.Object => value
                .EnumerateObject()
                .SelectMany(member =>
                    fields.TryGetValue(member.Name, out var of)
                        ? Of(member.Value, of, Join(path, member.Name))
                        : [Unknown(Join(path, member.Name), fields)]
                ),
            _ => [],
        };

    private static Finding Unknown(string path, Fields fields) =>
        new(Severity.Error, path, $"there is no such field; there are {string.Join(", ", fields.Keys)}");

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>The fields of an object and of the objects in them; none where every field is fine.</summary>
    private sealed class Fields : Dictionary<string, Fields>;
}
