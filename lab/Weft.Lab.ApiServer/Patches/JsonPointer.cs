using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Patches;

/// <summary>JSON Pointer (RFC 6901): the tokens of a path, and the value each of them selects.</summary>
internal static class JsonPointer
{
    /// <summary>The unescaped tokens; none for the whole document.</summary>
    public static string[] Parse(string path)
    {
        if (path.Length == 0)
        {
            return [];
        }
        if (path[0] != '/')
        {
            throw PatchException.Unprocessable($"path \"{path}\" must start with \"/\"");
        }
        var tokens = path[1..].Split('/');
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = tokens[i]
                .Replace("~1", "/", StringComparison.Ordinal)
                .Replace("~0", "~", StringComparison.Ordinal);
        }
        return tokens;
    }

    /// <summary>The value at the path; refuses a path that does not exist.</summary>
    public static JsonNode? Get(JsonNode? doc, ReadOnlySpan<string> tokens)
    {
        foreach (var token in tokens)
        {
            doc = doc switch
            {
                JsonObject o when o.TryGetPropertyValue(token, out var member) => member,
                JsonArray a => a[Index(token, a.Count - 1)],
                _ => throw PatchException.Unprocessable($"nothing is at \"{token}\""),
            };
        }
        return doc;
    }

    /// <summary>An array index without leading zeros, from 0 to <paramref name="last"/>.</summary>
    public static int Index(string token, int last)
    {
        var wellFormed =
            token.Length is > 0 and < 10 && token.All(char.IsAsciiDigit) && (token.Length == 1 || token[0] != '0');
        return
            wellFormed
            && int.Parse(token, System.Globalization.CultureInfo.InvariantCulture) is var index
            && index <= last
            ? index
            : throw PatchException.Unprocessable($"\"{token}\" is no index of the array");
    }
}
