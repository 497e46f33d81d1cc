using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weft.Configuration;

/// <summary>
/// Reading a program's configuration: one JSON object with comments. A key that is unknown, given twice, missing or of
/// another type is refused by its name.
/// </summary>
public static class ConfigDocument
{
    /// <summary>Reads a file, and hands its text on.</summary>
    /// <exception cref="ConfigException">It cannot be read or used; the message begins with the path.</exception>
    public static TSettings Read<TSettings>(string path, Func<byte[], TSettings> parse)
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"the configuration {path} cannot be read: {e.Message}");
        }

        try
        {
            return parse(text);
        }
        catch (ConfigException e)
        {
            throw new ConfigException($"{path}: {e.Message}");
        }
    }

    /// <summary>Reads the text as the record that lists the keys.</summary>
    /// <exception cref="ConfigException">A key is refused.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> text, JsonTypeInfo<T> json)
    {
        try
        {
            CheckKeys(text, json);
            return JsonSerializer.Deserialize(text, json)
                ?? throw new ConfigException("the configuration is null; it must be an object");
        }
        catch (JsonException e)
        {
            throw new ConfigException(
                KeyAt(json.Properties, e.Path) is { } key
                    ? $"\"{key.Name}\" must be {Wanted(key.PropertyType)}"
                    : $"the configuration is not JSON: {e.Message}"
            );
        }
    }

    /// <summary>The key a path such as "$.podCidrs[0]" leads to, or null.</summary>
    private static JsonPropertyInfo? KeyAt(IList<JsonPropertyInfo> keys, string? path) =>
        path is ['$', '.', .. var rest] ? keys.FirstOrDefault(key => key.Name == rest.Split('[', '.')[0]) : null;

    private static string Wanted(Type type) =>
        type == typeof(int?) ? "a whole number"
        : type == typeof(bool?) ? "true or false"
        : type == typeof(string) ? "a text"
        : type.IsGenericType ? "a list of texts"
        : "an object such as {}";

    private static void CheckKeys(ReadOnlySpan<byte> text, JsonTypeInfo type)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip });
        using var document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new ConfigException("the configuration must be a JSON object");
        }

        CheckKeys(document.RootElement, type, "");
    }

    private static void CheckKeys(JsonElement given, JsonTypeInfo type, string path)
    {
        var seen = new HashSet<string>();
        foreach (var property in given.EnumerateObject())
        {
            if (type.Properties.FirstOrDefault(key => key.Name == property.Name) is not { } known)
            {
                throw new ConfigException(
                    $"unknown key \"{path}{property.Name}\"; the keys are {string.Join(", ", type.Properties.Select(key => key.Name))}"
                );
            }

            if (!seen.Add(property.Name))
            {
                throw new ConfigException($"key \"{path}{property.Name}\" is given twice");
            }

            if (
                property.Value.ValueKind == JsonValueKind.Object
                && type.Options.GetTypeInfo(known.PropertyType) is { Kind: JsonTypeInfoKind.Object } inner
            )
            {
                CheckKeys(property.Value, inner, $"{path}{property.Name}.");
            }
        }

        if (type.Properties.FirstOrDefault(key => key.IsRequired && !seen.Contains(key.Name)) is { } missing)
        {
            throw new ConfigException(
                $"key \"{path}{missing.Name}\" is missing; it must be {Wanted(missing.PropertyType)}"
            );
        }
    }
}
