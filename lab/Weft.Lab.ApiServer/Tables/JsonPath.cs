using System.Globalization;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Tables;

/// <summary>
/// The simple JSONPath of printer columns: fields (<c>.a.b</c>, <c>['a.b']</c>, <c>.a\.b</c>), indexes, <c>[*]</c> and
/// filters on equality (<c>[?(@.type=="Ready")]</c>).
/// </summary>
internal sealed class JsonPath
{
    private readonly List<Func<JsonNode?, IEnumerable<JsonNode?>>> steps = [];

    private JsonPath() { }

    /// <summary>The path; null for text that is none.</summary>
    public static JsonPath? Parse(string text)
    {
        var path = new JsonPath();
        var i = 0;
        while (i < text.Length)
        {
            if (text[i] == '[')
            {
                var end = Close(text, i);
                if (end < 0 || Subscript(text[(i + 1)..end]) is not { } step)
                {
                    return null;
                }
                path.steps.Add(step);
                i = end + 1;
                continue;
            }
            if (text[i] != '.')
            {
                return null;
            }
            i++;
            var name = new System.Text.StringBuilder();
            for (; i < text.Length && text[i] is not ('.' or '['); i++)
            {
                if (text[i] == '\\' && i + 1 < text.Length)
                {
                    i++;
                }
                name.Append(text[i]);
            }
            if (name.Length == 0)
            {
                return null;
            }
            path.steps.Add(name.ToString() == "*" ? All : Field(name.ToString()));
        }
        return path.steps.Count > 0 ? path : null;
    }

    /// <summary>What the path selects.</summary>
    public IEnumerable<JsonNode?> Find(JsonNode? node)
    {
        IEnumerable<JsonNode?> found = [node];
        foreach (var step in steps)
        {
            found = found.SelectMany(step);
        }
        return found;
    }

    private static int Close(string text, int open)
    {
        var quote = '\0';
        for (var i = open + 1; i < text.Length; i++)
        {
            if (quote != 0)
            {
                quote = text[i] == quote ? '\0' : quote;
            }
            else if (text[i] is '\'' or '"')
            {
                quote = text[i];
            }
            else if (text[i] == ']')
            {
                return i;
            }
        }
        return -1;
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>>? Subscript(string text)
    {
        text = text.Trim();
        if (text == "*")
        {
            return All;
        }
        if (text is ['\'', .., '\''] or ['"', .., '"'])
        {
            return Field(text[1..^1]);
        }
        if (text.StartsWith("?(@", StringComparison.Ordinal) && text.EndsWith(')'))
        {
            return Filter(text[3..^1]);
        }
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)
            ? node =>
                node is JsonArray a && (index < 0 ? index + a.Count : index) is >= 0 and var at && at < a.Count
                    ? [a[at]]
                    : []
            : null;
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>>? Filter(string condition)
    {
        if (condition.Split("==", 2) is not [var left, var right] || Parse(left.Trim()) is not { } path)
        {
            return null;
        }
        right = right.Trim();
        var wanted = right is ['\'', .., '\''] or ['"', .., '"'] ? right[1..^1] : right;
        return node =>
            node is JsonArray a
                ? a.Where(element => path.Find(element).Any(value => (value.Text() ?? value?.ToJsonString()) == wanted))
                : [];
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Field(string name) =>
        node => node is JsonObject o && o.TryGetPropertyValue(name, out var member) ? [member] : [];

    private static IEnumerable<JsonNode?> All(JsonNode? node) =>
        node switch
        {
            JsonArray a => a,
            JsonObject o => o.Select(m => m.Value),
            _ => [],
        };
}
