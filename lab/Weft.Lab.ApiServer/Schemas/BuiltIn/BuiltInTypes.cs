using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Schemas.BuiltIn;

/// <summary>The schemas of the built-in kinds, read once from types.txt (whose head explains the notation).</summary>
public static class BuiltInTypes
{
    private static readonly Lazy<FrozenDictionary<string, KindSchema>> Types = new(Read);

    /// <summary>Kinds that have a status subresource.</summary>
    private static readonly FrozenSet<string> WithStatus = FrozenSet.Create(
        "Namespace",
        "Node",
        "Pod",
        "Service",
        "Deployment",
        "ReplicaSet",
        "DaemonSet",
        "CustomResourceDefinition"
    );

    /// <summary>The package alias of each API group that has built-in kinds.</summary>
    private static readonly FrozenDictionary<string, string> Packages = new Dictionary<string, string>
    {
        ["v1"] = "core",
        ["apps/v1"] = "apps",
        ["networking.k8s.io/v1"] = "networking",
        ["discovery.k8s.io/v1"] = "discovery",
        ["coordination.k8s.io/v1"] = "coordination",
        ["apiextensions.k8s.io/v1"] = "apiextensions",
        ["autoscaling/v1"] = "autoscaling",
    }.ToFrozenDictionary();

    /// <summary>The schema of a built-in kind; null for a kind that is not.</summary>
    public static KindSchema? Find(string apiVersion, string kind) =>
        Packages.TryGetValue(apiVersion, out var package)
        && Types.Value.TryGetValue($"{package}.{kind}", out var schema)
            ? schema with
            {
                HasStatus = WithStatus.Contains(kind),
            }
            : null;

    /// <summary>metav1.ObjectMeta, which every kind has.</summary>
    public static KindSchema ObjectMeta => Types.Value["meta.ObjectMeta"];

    private static FrozenDictionary<string, KindSchema> Read()
    {
        using var stream = typeof(BuiltInTypes).Assembly.GetManifestResourceStream("types.txt")!;
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToArray();

        // First the types without their fields, since types refer to each other in any order and in circles.
        var types = new Dictionary<string, KindSchema>();
        var fields = new Dictionary<string, Dictionary<string, KindSchema>>();
        string package = "",
            prefix = "";
        foreach (var line in lines.Where(line => line[0] != ' '))
        {
            var words = line.Split(' ');
            if (words[0] == "package")
            {
                (package, prefix) = (words[1], words[2]);
                continue;
            }
            var name = $"{package}.{words[0]}";
            fields[name] = [];
            types[name] = new KindSchema
            {
                Type = "object",
                Properties = fields[name],
                AtomicMap = words.Contains("atomic"),
                TypeName = $"{prefix}.{words[0]}",
                Required = [.. RequiredFields(lines, line)],
            };
        }

        var type = "";
        foreach (var line in lines)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "package" && line[0] != ' ')
            {
                package = words[1];
            }
            else if (line[0] != ' ')
            {
                type = $"{package}.{words[0]}";
            }
            else
            {
                fields[type][words[0]] = Field(Named(words[1], package, types), words[2..]);
            }
        }
        return types.ToFrozenDictionary();
    }

    private static IEnumerable<string> RequiredFields(string[] lines, string type) =>
        lines
            .SkipWhile(line => !ReferenceEquals(line, type))
            .Skip(1)
            .TakeWhile(line => line[0] == ' ')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.AsSpan(2).Contains("required"))
            .Select(words => words[0]);

    private static KindSchema Named(string type, string package, Dictionary<string, KindSchema> types) =>
        type[0] switch
        {
            '[' => new KindSchema { Type = "array", Items = Named(type[1..^1], package, types) },
            '{' => new KindSchema { Type = "object", AdditionalProperties = Named(type[1..^1], package, types) },
            _ => type switch
            {
                "string" => new KindSchema { Type = "string" },
                "bytes" => new KindSchema { Type = "string", Format = "byte" },
                "time" or "microTime" => new KindSchema { Type = "string", Format = "date-time" },
                "boolean" => new KindSchema { Type = "boolean" },
                "number" or "double" => new KindSchema { Type = "number" },
                "integer" or "int32" or "int64" => new KindSchema { Type = "integer", Format = type },
                "intOrString" => new KindSchema { IntOrString = true, Format = "int-or-string" },
                "quantity" => new KindSchema { Format = "quantity" },
                "any" => new KindSchema { PreserveUnknown = true },
                _ => types[type.Contains('.', StringComparison.Ordinal) ? type : $"{package}.{type}"],
            },
        };

    private static KindSchema Field(KindSchema type, string[] flags)
    {
        foreach (var flag in flags)
        {
            var (name, value) = flag.Split('=', 2) is [var left, var right] ? (left, right) : (flag, null);
            type = name switch
            {
                "zero" => type with { Zero = Empty(type) },
                "null" => type with { ZeroIsNull = true },
                "default" => type with { Default = Literal(type, value!) },
                "set" => type with { ListType = ListType.Set },
                "map" => type with { ListType = ListType.Map, ListKeys = value!.Split(',') },
                "atomic" => type with { AtomicMap = true },
                "merge" => type with { PatchMerge = true, PatchMergeKey = value },
                "retainKeys" => type with { PatchRetainKeys = true },
                _ => type,
            };
        }
        return type;
    }

    private static JsonNode Empty(KindSchema type) =>
        type.Type switch
        {
            "object" => new JsonObject(),
            "string" => "",
            "boolean" => false,
            "integer" or "number" => 0,
            _ when type.IntOrString => 0,
            _ => "0",
        };

    private static JsonNode Literal(KindSchema type, string value) =>
        type.Type switch
        {
            "boolean" => value == "true",
            "integer" => long.Parse(value, CultureInfo.InvariantCulture),
            _ => value,
        };
}
