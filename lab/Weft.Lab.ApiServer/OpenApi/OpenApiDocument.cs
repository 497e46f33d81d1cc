using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.OpenApi;

/// <summary>A kind as the OpenAPI documents show it.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Version">Of the group.</param>
/// <param name="Kind">As in documents.</param>
/// <param name="Plural">As in paths.</param>
/// <param name="Namespaced">Whether its objects are in namespaces.</param>
/// <param name="Schema">Null for a kind whose documents can be anything.</param>
public sealed record OpenApiKind(
    string Group,
    string Version,
    string Kind,
    string Plural,
    bool Namespaced,
    KindSchema? Schema
);

/// <summary>
/// What kubectl reads of /openapi: v3 with an index and a document for each group and version, and v2 for the clients that
/// fall back to it. They hold the schemas of the kinds, and of the paths as much as kubectl looks at.
/// </summary>
public static class OpenApiDocument
{
    private const string V3Schemas = "#/components/schemas/";
    private const string V2Schemas = "#/definitions/";

    /// <summary>The answer to /openapi/v3: the documents there are, each with a hash of its content.</summary>
    /// <param name="documents">Path below /openapi/v3 (api/v1, apis/apps/v1) to document.</param>
    public static JsonObject Index(IEnumerable<KeyValuePair<string, JsonObject>> documents)
    {
        var paths = new JsonObject();
        foreach (var (path, document) in documents)
        {
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={Hash(document)}" };
        }
        return new JsonObject { ["paths"] = paths };
    }

    /// <summary>The path of a group's version below /openapi/v3.</summary>
    public static string PathOf(string group, string version) =>
        group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";

    /// <summary>Of a document's content, as in the index.</summary>
    public static string Hash(JsonObject document) =>
        Convert.ToHexString(SHA512.HashData(Encoding.UTF8.GetBytes(document.ToJsonString())));

    /// <summary>The v3 document of one group and version.</summary>
    public static JsonObject V3(IReadOnlyCollection<OpenApiKind> kinds)
    {
        var writer = new SchemaWriter(V3Schemas);
        var paths = new JsonObject();
        foreach (var kind in kinds)
        {
            Paths(paths, kind, writer.Add(kind), v3: true);
        }
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = Info(),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = writer.Schemas() },
        };
    }

    /// <summary>The v2 document, of all kinds together.</summary>
    public static JsonObject V2(IReadOnlyCollection<OpenApiKind> kinds)
    {
        var writer = new SchemaWriter(V2Schemas);
        var paths = new JsonObject();
        foreach (var kind in kinds)
        {
            Paths(paths, kind, writer.Add(kind), v3: false);
        }
        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = Info(),
            ["paths"] = paths,
            ["definitions"] = writer.Schemas(),
        };
    }

    private static JsonObject Info() => new() { ["title"] = "Kubernetes", ["version"] = "unversioned" };

    /// <summary>
    /// kubectl explain finds a resource's kind by its path; kubectl's --validate=server asks whether PATCH knows
    /// fieldValidation.
    /// </summary>
    private static void Paths(JsonObject paths, OpenApiKind kind, string schema, bool v3)
    {
        var root = kind.Group.Length == 0 ? $"/api/{kind.Version}" : $"/apis/{kind.Group}/{kind.Version}";
        var collection = $"{root}/{(kind.Namespaced ? "namespaces/{namespace}/" : "")}{kind.Plural}";
        paths[collection] = new JsonObject
        {
            ["get"] = Operation(kind, schema, "list", v3),
            ["post"] = Operation(kind, schema, "post", v3, "dryRun", "fieldManager", "fieldValidation"),
        };
        paths[collection + "/{name}"] = new JsonObject
        {
            ["get"] = Operation(kind, schema, "get", v3),
            ["put"] = Operation(kind, schema, "put", v3, "dryRun", "fieldManager", "fieldValidation"),
            ["patch"] = Operation(kind, schema, "patch", v3, "dryRun", "fieldManager", "fieldValidation", "force"),
            ["delete"] = Operation(kind, schema, "delete", v3, "dryRun"),
        };
    }

    private static JsonObject Operation(
        OpenApiKind kind,
        string schema,
        string action,
        bool v3,
        params string[] parameters
    )
    {
        var reference = new JsonObject { ["$ref"] = schema };
        var response = v3
            ? new JsonObject
            {
                ["description"] = "OK",
                ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = reference } },
            }
            : new JsonObject { ["description"] = "OK", ["schema"] = reference };
        return new JsonObject
        {
            ["parameters"] = new JsonArray([.. parameters.Select(name => Parameter(name, v3))]),
            ["responses"] = new JsonObject { ["200"] = response },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = SchemaWriter.GroupVersionKind(kind),
        };
    }

    private static JsonObject Parameter(string name, bool v3)
    {
        var type = name == "force" ? "boolean" : "string";
        var parameter = new JsonObject { ["name"] = name, ["in"] = "query" };
        if (v3)
        {
            parameter["schema"] = new JsonObject { ["type"] = type };
        }
        else
        {
            parameter["type"] = type;
        }
        return parameter;
    }
}
