using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Weft.Tests.Unit.Chart;

/// <summary>The part of JSON Schema draft 7 that values.schema.json uses. A keyword beyond it is an error.</summary>
internal static class ValuesSchema
{
    /// <summary>What is wrong with a value, by its path; empty when nothing is.</summary>
    public static IEnumerable<string> Problems(JsonObject schema, JsonNode? value, string path = "values") =>
        schema.SelectMany(keyword => Problems(schema, keyword.Key, keyword.Value!, value, path));

    private static IEnumerable<string> Problems(
        JsonObject schema,
        string keyword,
        JsonNode rule,
        JsonNode? value,
        string path
    ) =>
        (keyword, value) switch
        {
            ("$schema", _) => [],
            ("type", _) => If(!IsOf(rule.GetValue<string>(), value), $"{path} is no {rule}"),
            ("enum", _) => If(
                !rule.AsArray().Any(one => JsonNode.DeepEquals(one, value)),
                $"{path} is none of {rule.ToJsonString()}"
            ),
            ("anyOf", _) => If(
                rule.AsArray().All(one => Problems(one!.AsObject(), value, path).Any()),
                $"{path} is none of what it can be"
            ),
            ("allOf", _) => rule.AsArray().SelectMany(one => Problems(one!.AsObject(), value, path)),
            ("properties", JsonObject map) => map.Where(entry => rule[entry.Key] is JsonObject)
                .SelectMany(entry => Problems(rule[entry.Key]!.AsObject(), entry.Value, $"{path}.{entry.Key}")),
            ("additionalProperties", JsonObject map) => map.Where(entry => schema["properties"]?[entry.Key] is null)
                .SelectMany(entry =>
                    rule is JsonObject other
                        ? Problems(other, entry.Value, $"{path}.{entry.Key}")
                        : [$"{path}.{entry.Key} is not known"]
                ),
            ("required", JsonObject map) => rule.AsArray()
                .Where(key => !map.ContainsKey(key!.GetValue<string>()))
                .Select(key => $"{path}.{key} is missing"),
            ("items", JsonArray list) => list.SelectMany((item, i) => Problems(rule.AsObject(), item, $"{path}[{i}]")),
            ("uniqueItems", JsonArray list) => If(
                list.Select(item => item!.ToJsonString()).Distinct().Count() < list.Count,
                $"{path} has one twice"
            ),
            ("maxItems", JsonArray list) => If(list.Count > rule.GetValue<int>(), $"{path} is too long"),
            ("minimum", JsonValue) when Is(value, JsonValueKind.Number) => If(
                value!.GetValue<double>() < rule.GetValue<double>(),
                $"{path} is less than {rule}"
            ),
            ("maximum", JsonValue) when Is(value, JsonValueKind.Number) => If(
                value!.GetValue<double>() > rule.GetValue<double>(),
                $"{path} is more than {rule}"
            ),
            ("minLength", JsonValue) when Is(value, JsonValueKind.String) => If(
                value!.GetValue<string>().Length < rule.GetValue<int>(),
                $"{path} is too short"
            ),
            ("maxLength", JsonValue) when Is(value, JsonValueKind.String) => If(
                value!.GetValue<string>().Length > rule.GetValue<int>(),
                $"{path} is too long"
            ),
            ("pattern", JsonValue) when Is(value, JsonValueKind.String) => If(
                !Regex.IsMatch(value!.GetValue<string>(), rule.GetValue<string>()),
                $"{path} does not match {rule}"
            ),
            (
                "properties"
                    or "additionalProperties"
                    or "required"
                    or "items"
                    or "uniqueItems"
                    or "maxItems"
                    or "minimum"
                    or "maximum"
                    or "minLength"
                    or "maxLength"
                    or "pattern",
                _
            ) => [],
            _ => throw new NotSupportedException($"the keyword {keyword}"),
        };

    private static bool IsOf(string type, JsonNode? value) =>
        type switch
        {
            "object" => value is JsonObject,
            "array" => value is JsonArray,
            "string" => Is(value, JsonValueKind.String),
            "boolean" => Is(value, JsonValueKind.True) || Is(value, JsonValueKind.False),
            "integer" => Is(value, JsonValueKind.Number) && double.IsInteger(value!.GetValue<double>()),
            _ => throw new NotSupportedException($"the type {type}"),
        };

    private static bool Is(JsonNode? value, JsonValueKind kind) => value?.GetValueKind() == kind;

    private static IEnumerable<string> If(bool isWrong, string problem) => isWrong ? [problem] : [];
}
