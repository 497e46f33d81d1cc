using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;

namespace Weft.Lab.ApiServer.Http;

/// <summary>Which groups, versions and resources there are: in one document for each of /api and /apis, or the old way.</summary>
internal static class Discovery
{
    private static readonly string[] Reading = ["get", "list", "watch"];

    /// <summary>/version. Clients decide by it what they may ask for.</summary>
    public static JsonObject Version() =>
        new()
        {
            ["major"] = "1",
            ["minor"] = "36",
            ["emulationMajor"] = "1",
            ["emulationMinor"] = "36",
            ["minCompatibilityMajor"] = "1",
            ["minCompatibilityMinor"] = "35",
            ["gitVersion"] = "v1.36.2+weft-lab",
            ["gitCommit"] = "",
            ["gitTreeState"] = "",
            ["buildDate"] = "1970-01-01T00:00:00Z",
            ["goVersion"] = "",
            ["compiler"] = "",
            ["platform"] = "linux/amd64",
        };

    /// <summary>apidiscovery.k8s.io/v2: the core group, or all others.</summary>
    public static JsonObject Aggregated(KindTable kinds, bool core)
    {
        var groups = kinds.All.Select(kind => kind.Group).Distinct().Where(group => group.Length == 0 == core);
        return new()
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = "apidiscovery.k8s.io/v2",
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. groups.Select(group => AggregatedGroup(kinds, group))]),
        };
    }

    /// <summary>/api: the versions of the core group.</summary>
    public static JsonObject Core(KindTable kinds, string address) =>
        new()
        {
            ["kind"] = "APIVersions",
            ["versions"] = new JsonArray([.. kinds.Versions("").Select(version => (JsonNode)version)]),
            ["serverAddressByClientCIDRs"] = new JsonArray(
                new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address }
            ),
        };

    /// <summary>/apis.</summary>
    public static JsonObject Groups(KindTable kinds) =>
        new()
        {
            ["kind"] = "APIGroupList",
            ["apiVersion"] = "v1",
            ["groups"] = new JsonArray([
                .. kinds
                    .All.Select(kind => kind.Group)
                    .Distinct()
                    .Where(group => group.Length > 0)
                    .Select(group => Group(kinds, group)),
            ]),
        };

    /// <summary>/apis/GROUP.</summary>
    public static JsonObject Group(KindTable kinds, string group)
    {
        var versions = kinds.Versions(group).Select(version => GroupVersion(group, version)).ToArray();
        return new()
        {
            ["kind"] = "APIGroup",
            ["apiVersion"] = "v1",
            ["name"] = group,
            ["versions"] = new JsonArray([.. versions]),
            ["preferredVersion"] = versions[0].DeepClone(),
        };
    }

    /// <summary>/api/v1 and /apis/GROUP/VERSION.</summary>
    public static JsonObject Resources(KindTable kinds, string group, string version) =>
        new()
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = new JsonArray([
                .. kinds
                    .All.Where(kind => kind.Group == group && kind.Version == version)
                    .SelectMany(kind =>
                        SubresourcesOf(kind).Select(sub => Resource(kind, sub)).Prepend(Resource(kind))
                    ),
            ]),
        };

    private static JsonObject GroupVersion(string group, string version) =>
        new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private static JsonObject Resource(Kind kind)
    {
        var resource = new JsonObject
        {
            ["name"] = kind.Plural,
            ["singularName"] = kind.Singular,
            ["namespaced"] = kind.Namespaced,
            ["kind"] = kind.Name,
            ["verbs"] = Texts(Verbs(kind)),
        };
        if (kind.ShortNames.Count > 0)
        {
            resource["shortNames"] = Texts(kind.ShortNames);
        }

        if (kind.Categories.Count > 0)
        {
            resource["categories"] = Texts(kind.Categories);
        }

        return resource;
    }

    private static JsonObject Resource(Kind kind, Subresource subresource)
    {
        var resource = new JsonObject
        {
            ["name"] = $"{kind.Plural}/{subresource.Name}",
            ["singularName"] = "",
            ["namespaced"] = kind.Namespaced,
            ["kind"] = subresource.Kind,
            ["verbs"] = Texts(subresource.Verbs),
        };
        if (subresource.Group != kind.Group)
        {
            resource["group"] = subresource.Group;
            resource["version"] = subresource.Version;
        }

        return resource;
    }

    private static JsonObject AggregatedGroup(KindTable kinds, string group) =>
        new()
        {
            ["metadata"] = group.Length == 0 ? new JsonObject() : new JsonObject { ["name"] = group },
            ["versions"] = new JsonArray([
                .. kinds
                    .Versions(group)
                    .Select(version => new JsonObject
                    {
                        ["version"] = version,
                        ["resources"] = new JsonArray([
                            .. kinds
                                .All.Where(kind => kind.Group == group && kind.Version == version)
                                .Select(AggregatedResource),
                        ]),
                        ["freshness"] = "Current",
                    }),
            ]),
        };

    private static JsonObject AggregatedResource(Kind kind)
    {
        var resource = new JsonObject
        {
            ["resource"] = kind.Plural,
            ["responseKind"] = ResponseKind(kind, kind.Group, kind.Version, kind.Name),
            ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = kind.Singular,
            ["verbs"] = Texts(Verbs(kind)),
        };
        if (kind.ShortNames.Count > 0)
        {
            resource["shortNames"] = Texts(kind.ShortNames);
        }

        if (kind.Categories.Count > 0)
        {
            resource["categories"] = Texts(kind.Categories);
        }

        var subresources = SubresourcesOf(kind)
            .Select(sub => new JsonObject
            {
                ["subresource"] = sub.Name,
                ["responseKind"] = ResponseKind(kind, sub.Group, sub.Version, sub.Kind),
                ["verbs"] = Texts(sub.Verbs),
            })
            .ToArray();
        if (subresources.Length > 0)
        {
            resource["subresources"] = new JsonArray([.. subresources]);
        }

        return resource;
    }

    /// <summary>The real server leaves group and version out where a built-in kind's are those of its group.</summary>
    private static JsonObject ResponseKind(Kind kind, string group, string version, string name)
    {
        var own = !kind.IsCustom && group == kind.Group;
        return new()
        {
            ["group"] = own ? "" : group,
            ["version"] = own ? "" : version,
            ["kind"] = name,
        };
    }

    private static IEnumerable<Subresource> SubresourcesOf(Kind kind)
    {
        foreach (var (name, creation) in kind.Creations)
        {
            yield return new(name, creation.Group, creation.Version, creation.Kind, ["create"]);
        }

        if (kind.Scale is not null)
        {
            yield return new("scale", "autoscaling", "v1", "Scale", ["get", "patch", "update"]);
        }

        if (kind.HasStatus)
        {
            yield return new("status", kind.Group, kind.Version, kind.Name, ["get", "patch", "update"]);
        }
    }

    private static IEnumerable<string> Verbs(Kind kind) =>
        Reading
            .Concat(["create", "delete", "patch", "update"])
            .Concat(kind.HasDeleteCollection ? ["deletecollection"] : [])
            .Order(StringComparer.Ordinal);

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    private sealed record Subresource(string Name, string Group, string Version, string Kind, string[] Verbs);
}
