using System.Text.Json.Nodes;

namespace Weft.Tests.EndToEnd.Installation;

/// <summary>What a component's roles allow, and what of it the API server was asked for.</summary>
internal static class RoleUse
{
    private static readonly string[] kinds = ["clusterroles", "roles"];

    /// <summary>"verb resource.group/subresource" of each rule of the component's roles.</summary>
    public static IReadOnlySet<string> Allowed(ChartOnServer chart, string component) =>
        kinds
            .SelectMany(kind =>
                JsonNode.Parse(chart.Kubectl("get", kind, "--all-namespaces", "-o", "json"))!["items"]!.AsArray()
            )
            .Where(role => Text(role!["metadata"]!["name"]) == component)
            .SelectMany(role => role!["rules"]!.AsArray())
            .SelectMany(rule =>
                from resource in Texts(rule!["resources"])
                from verb in Texts(rule["verbs"])
                select Use(verb, resource.Split('/'), Assert.Single(Texts(rule["apiGroups"])))
            )
            .ToHashSet();

    /// <summary>The same, of the requests that its service account made and was not refused; not found is an answer.</summary>
    public static IReadOnlySet<string> Asked(string auditLog, string component) =>
        File.ReadLines(auditLog)
            // The last line may be half written.
            .Where(line => line.EndsWith('}'))
            .Select(line => JsonNode.Parse(line)!)
            .Where(request =>
                Text(request["user"]!["username"]) == $"system:serviceaccount:kube-system:{component}"
                && request["objectRef"] is not null
                && (int?)request["responseStatus"]?["code"] is not (401 or 403)
            )
            .SelectMany(Uses)
            .ToHashSet();

    private static IEnumerable<string> Uses(JsonNode request)
    {
        var of = request["objectRef"]!;
        string[] resource =
        [
            Text(of["resource"]),
            .. of["subresource"] is { } subresource ? [Text(subresource)] : (string[])[],
        ];
        var group = of["apiGroup"] is { } named ? Text(named) : "";
        yield return Use(Text(request["verb"]), resource, group);
        // Server-side apply of what is not there yet is authorized as create too.
        if (Text(request["verb"]) == "patch" && (int)request["responseStatus"]!["code"]! == 201)
        {
            yield return Use("create", resource, group);
        }
    }

    private static string Use(string verb, string[] resource, string group) =>
        $"{verb} {string.Join('/', [group.Length == 0 ? resource[0] : $"{resource[0]}.{group}", .. resource[1..]])}";

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(node => Text(node));

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
