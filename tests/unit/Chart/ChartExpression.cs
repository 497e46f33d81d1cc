using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Tests.Unit.Chart;

/// <summary>An expression of a template: a value or a function's call, handed on from one function to the next by |.</summary>
internal static class ChartExpression
{
    // Go's encoder escapes these and no others that the chart has.
    private static readonly JsonSerializerOptions AsGo = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static JsonNode? Evaluate(string expression, JsonObject top)
    {
        JsonNode? value = null;
        var isFirst = true;
        foreach (var step in expression.Split(" | "))
        {
            var words = step.Split(' ');
            value =
                isFirst && words.Length == 1 && words[0] is ['.', ..] ? Field(words[0], top)
                : words is [".Files.Get", ['"', .. var file, '"']]
                    ? top["Files"]![file] ?? throw new FileNotFoundException($"the chart has no {file}")
                : Call(
                    words[0],
                    [.. words[1..].Select(word => Operand(word, top)), .. isFirst ? [] : (JsonNode?[])[value]]
                );
            isFirst = false;
        }

        return value;
    }

    /// <summary>What Go's templates take for true: not empty.</summary>
    public static bool IsTrue(JsonNode? value) =>
        value?.GetValueKind() switch
        {
            null or JsonValueKind.Null or JsonValueKind.False => false,
            JsonValueKind.String => value.GetValue<string>().Length > 0,
            JsonValueKind.Number => value.GetValue<double>() != 0,
            JsonValueKind.Array => value.AsArray().Count > 0,
            JsonValueKind.Object => value.AsObject().Count > 0,
            _ => true,
        };

    /// <summary>As it stands in the output.</summary>
    public static string Text(JsonNode? value) =>
        value switch
        {
            null => throw new NotSupportedException("a value that is not there"),
            JsonValue when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
            JsonValue => value.ToJsonString(),
            _ => throw new NotSupportedException($"{value.ToJsonString()} as text"),
        };

    private static JsonNode? Operand(string word, JsonObject top) =>
        word is ['.', ..] ? Field(word, top)
        : int.TryParse(word, out var number) ? JsonValue.Create(number)
        : throw new NotSupportedException($"the operand {word}");

    private static JsonNode? Field(string path, JsonObject top)
    {
        JsonNode? value = top;
        foreach (var name in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            value =
                value is JsonObject parent && parent.TryGetPropertyValue(name, out var child)
                    ? child
                    : throw new KeyNotFoundException($"{path}: there is no {name}");
        }

        return value;
    }

    private static JsonNode? Call(string function, IReadOnlyList<JsonNode?> arguments) =>
        (function, arguments) switch
        {
            ("not", [var value]) => !IsTrue(value),
            ("default", [var otherwise, var value]) => IsTrue(value) ? value : otherwise,
            ("quote", [var value]) => JsonSerializer.Serialize(Text(value), AsGo),
            ("toJson", [var value]) => Sorted(value)?.ToJsonString(AsGo),
            ("toYaml", [var value]) => Yaml(Sorted(value), ""),
            ("nindent", [JsonValue spaces, JsonValue text]) => "\n"
                + Indented(text.GetValue<string>(), spaces.GetValue<int>()),
            ("sha256sum", [JsonValue text]) => Convert.ToHexStringLower(
                SHA256.HashData(Encoding.UTF8.GetBytes(text.GetValue<string>()))
            ),
            _ => throw new NotSupportedException($"the function {function} of {arguments.Count}"),
        };

    private static string Indented(string text, int spaces) =>
        string.Join('\n', text.Split('\n').Select(line => new string(' ', spaces) + line));

    private static JsonNode? Sorted(JsonNode? value) =>
        value switch
        {
            JsonObject map => new JsonObject(
                map.OrderBy(entry => entry.Key, StringComparer.Ordinal)
                    .Select(entry => KeyValuePair.Create(entry.Key, Sorted(entry.Value)))
            ),
            JsonArray list => new JsonArray([.. list.Select(Sorted)]),
            _ => value?.DeepClone(),
        };

    /// <summary>Block style, as Go's encoder writes maps and lists of plain values; without the last line's end, as Helm.</summary>
    private static string Yaml(JsonNode? value, string indent) =>
        string.Join(
            '\n',
            value switch
            {
                JsonObject map => map.Select(entry =>
                    entry.Value is JsonObject or JsonArray
                        ? $"{indent}{entry.Key}:\n{Yaml(entry.Value, entry.Value is JsonArray ? indent : indent + "  ")}"
                        : $"{indent}{entry.Key}: {Plain(entry.Value)}"
                ),
                JsonArray list => list.Select(item =>
                    item is JsonObject
                        ? $"{indent}- {Yaml(item, indent + "  ").TrimStart()}"
                        : $"{indent}- {Plain(item)}"
                ),
                _ => throw new NotSupportedException("toYaml of a plain value"),
            }
        );

    private static string Plain(JsonNode? value)
    {
        var text = Text(value);
        // Texts that YAML would read as something else need quotes.
        return
            value!.GetValueKind() == JsonValueKind.String
            && (text is "" or "true" or "false" or "null" || double.TryParse(text, out _))
            ? $"\"{text}\""
            : text;
    }
}
