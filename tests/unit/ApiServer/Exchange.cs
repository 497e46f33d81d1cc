using System.Text.Json.Nodes;

namespace Weft.Tests.Unit.ApiServer;

/// <summary>What a real kube-apiserver answered, and the object as it was before.</summary>
internal sealed record Exchange(
    string Path,
    string ContentType,
    JsonObject? Before,
    JsonNode Request,
    int Status,
    JsonObject Response
)
{
    private static readonly Lazy<Dictionary<int, JsonObject>> All = new(() =>
        Rows("exchanges.jsonl").ToDictionary(row => (int)row["index"]!)
    );

    public static Exchange Number(int index)
    {
        var row = All.Value[index];
        return new Exchange(
            (string)row["path"]!,
            (string?)row["contentType"] ?? "",
            row["before"]?.DeepClone().AsObject(),
            row["request"]!.DeepClone(),
            (int)row["status"]!,
            row["response"]!.DeepClone().AsObject()
        );
    }

    public static IEnumerable<JsonObject> Rows(string file)
    {
        using var stream = typeof(Exchange).Assembly.GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            yield return JsonNode.Parse(line)!.AsObject();
        }
    }

    public JsonObject Body => Request.AsObject();

    public string ApiVersion => (string)(Before ?? Response)["apiVersion"]!;

    public string Kind => (string)(Before ?? Response)["kind"]!;

    public string? Subresource => Path.Split('?')[0].EndsWith("/status", StringComparison.Ordinal) ? "status" : null;

    public string Manager => Path.Split("fieldManager=") is [_, var rest] ? rest.Split('&')[0] : "raw";

    /// <summary>The managed fields answered, in no order and with only whether there are times: those differ from run to run.</summary>
    public static string ManagedFields(JsonNode? doc) =>
        string.Join(
            "\n",
            (doc?["metadata"]?["managedFields"] as JsonArray ?? [])
                .Select(entry => entry!.DeepClone().AsObject())
                .Select(entry =>
                {
                    if (entry.ContainsKey("time"))
                    {
                        entry["time"] = "…";
                    }
                    return Sorted(entry)!.ToJsonString();
                })
                .Order(StringComparer.Ordinal)
        );

    /// <summary>With keys in order: JSON objects have none.</summary>
    public static JsonNode? Sorted(JsonNode? node) =>
        node switch
        {
            JsonObject o => new JsonObject(
                o.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, Sorted(m.Value)))
            ),
            JsonArray a => new JsonArray([.. a.Select(Sorted)]),
            _ => node?.DeepClone(),
        };

    /// <summary>Equal, or a failure that shows both.</summary>
    public static void AssertSame(JsonNode? expected, JsonNode? actual)
    {
        if (!JsonNode.DeepEquals(expected, actual))
        {
            Assert.Equal(Sorted(expected)?.ToJsonString(), Sorted(actual)?.ToJsonString());
        }
    }
}
