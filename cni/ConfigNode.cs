using System.Text.Json;
using System.Text.Unicode;
using Weft.Contracts;

namespace Weft.Cni;

/// <summary>A JSON value that knows where in the configuration it stands, so that every error names it.</summary>
internal readonly record struct ConfigNode(JsonElement Element, string Path)
{
    private const int LongestQuote = 100;

    /// <summary>The value as text for messages, shortened.</summary>
    public string Quote
    {
        get
        {
            var raw = Element.GetRawText();
            return raw.Length <= LongestQuote ? raw : raw[..LongestQuote] + "…";
        }
    }

    /// <summary>Reads standard input.</summary>
    public static ConfigNode Parse(ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
        {
            // The JSON parser would find that only where it decodes a text.
            throw Undecodable("it is not UTF-8");
        }

        try
        {
            RefuseHalfSurrogates(json.Span);
            var root = Json.Parse(json.Span);
            return root.ValueKind == JsonValueKind.Object
                ? new ConfigNode(root, "")
                : throw Undecodable($"it is not a JSON object but {root.ValueKind}");
        }
        catch (JsonException e)
        {
            throw Undecodable(json.IsEmpty ? "it is empty" : e.Message);
        }
    }

    /// <summary>A member of this object, or null when it is absent or JSON null.</summary>
    public ConfigNode? Member(string key)
    {
        RequireKind(JsonValueKind.Object, "an object");
        return Element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            ? new ConfigNode(value, PathOf(key))
            : null;
    }

    public IEnumerable<(string Key, ConfigNode Value)> Members()
    {
        RequireKind(JsonValueKind.Object, "an object");
        foreach (var member in Element.EnumerateObject())
        {
            yield return (member.Name, new ConfigNode(member.Value, PathOf(member.Name)));
        }
    }

    /// <summary>Elements of this array.</summary>
    public List<ConfigNode> Items()
    {
        RequireKind(JsonValueKind.Array, "a list");
        var items = new List<ConfigNode>(Element.GetArrayLength());
        foreach (var item in Element.EnumerateArray())
        {
            items.Add(new ConfigNode(item, $"{Path}[{items.Count}]"));
        }

        return items;
    }

    public string Text()
    {
        RequireKind(JsonValueKind.String, "a string");
        return Element.GetString()!;
    }

    public int Integer() =>
        Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var value)
            ? value
            : throw Invalid("must be a whole number");

    public CniException Invalid(string complaint) =>
        new(CniErrorCode.InvalidConfig, $"\"{Path}\": {Quote} {complaint}");

    public CniException Unsupported(string advice) =>
        new(CniErrorCode.UnsupportedField, $"unsupported field \"{Path}\": {Quote}: {advice}");

    /// <summary>The grammar allows "\ud800" alone, which is no text; a JsonElement would throw wherever it met one.</summary>
    private static void RefuseHalfSurrogates(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.String) || !reader.ValueIsEscaped)
            {
                continue;
            }

            try
            {
                reader.GetString();
            }
            catch (InvalidOperationException)
            {
                throw Undecodable($"the text at byte {reader.TokenStartIndex} holds half of a surrogate pair");
            }
        }
    }

    private static CniException Undecodable(string why) =>
        new(CniErrorCode.DecodingFailure, $"the network configuration on standard input cannot be read: {why}");

    private string PathOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    private void RequireKind(JsonValueKind kind, string name)
    {
        if (Element.ValueKind != kind)
        {
            throw Invalid($"must be {name}");
        }
    }
}
