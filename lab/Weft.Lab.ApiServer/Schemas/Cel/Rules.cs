using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Schemas.Cel;

/// <summary>Evaluates the rules of a schema (<c>x-kubernetes-validations</c>) on an object.</summary>
internal static class Rules
{
    private const int MaxParsed = 4096;

    /// <summary>Expressions are parsed once; definitions have few of them.</summary>
    private static readonly ConcurrentDictionary<string, Expression> Parsed = new();

    public static IEnumerable<FieldError> Evaluate(JsonObject now, JsonObject? old, KindSchema schema) => Visit(now, old, schema, "", isRoot: true);

    /// <summary>Whether an expression compares with the object before.</summary>
    public static bool UsesOldSelf(string expression) =>
        Lexer.Read(expression).Any(token => token is { Kind: TokenKind.Name, Text: "oldSelf" });

    private static IEnumerable<FieldError> Visit(JsonNode? value, JsonNode? old, KindSchema schema, string path, bool isRoot = false)
    {
        if (value is null)
        {
            yield break;
        }
        foreach (var rule in schema.Rules)
        {
            if (Evaluate(rule, value, old, schema, path) is { } error)
            {
                yield return error;
            }
        }
        switch (value)
        {
            case JsonObject members:
                foreach (var (name, member) in members.Where(m => !(isRoot && m.Key is "metadata")))
                {
                    if (schema.Member(name) is { } field)
                    {
                        var at = schema.Properties.ContainsKey(name) ? (path.Length == 0 ? name : $"{path}.{name}") : $"{path}[{name}]";
                        foreach (var error in Visit(member, old.At(name), field, at))
                        {
                            yield return error;
                        }
                    }
                }
                break;
            case JsonArray elements when schema.Items is { } items:
                foreach (var (i, element) in elements.Index())
                {
                    foreach (var error in Visit(element, Validation.Correlated(schema, element, old), items, $"{path}[{i}]"))
                    {
                        yield return error;
                    }
                }
                break;
        }
    }

    private static FieldError? Evaluate(Rule rule, JsonNode value, JsonNode? old, KindSchema schema, string path)
    {
        var usesOldSelf = UsesOldSelf(rule.Expression);
        if (usesOldSelf && old is null && !rule.OptionalOldSelf)
        {
            return null;
        }
        // What is as it was may stay wrong, unless the rule is about the change.
        if (!usesOldSelf && old is not null && JsonNode.DeepEquals(value, old))
        {
            return null;
        }
        var oldSelf = old is null ? null : Values.Of(old, schema);
        var variables = new Dictionary<string, object?>
        {
            ["self"] = Values.Of(value, schema),
            ["oldSelf"] = rule.OptionalOldSelf ? new Optional(old is not null, oldSelf) : oldSelf,
        };
        try
        {
            if (Evaluator.Evaluate(Parse(rule.Expression), variables) is true)
            {
                return null;
            }
        }
        catch (CelException e)
        {
            return new FieldError(
                "FieldValueInvalid",
                path.Length == 0 ? "<nil>" : path,
                $"Invalid value: \"{schema.Type}\": {e.Message} evaluating rule: {rule.Message ?? rule.Expression.Trim()}"
            );
        }
        var field = path + rule.FieldPath;
        field = field.TrimStart('.');
        return Failed(rule, field.Length == 0 ? "<nil>" : field, value, Detail(rule, variables));
    }

    private static FieldError Failed(Rule rule, string field, JsonNode value, string detail) =>
        rule.Reason switch
        {
            "FieldValueForbidden" => FieldError.Forbidden(field, detail),
            "FieldValueRequired" => FieldError.Required(field, detail),
            "FieldValueDuplicate" => FieldError.Duplicate(field, value),
            // Objects and lists are too large to repeat.
            _ => value is JsonObject or JsonArray ? FieldError.Invalid(field, detail) : FieldError.Invalid(field, value, detail),
        };

    private static string Detail(Rule rule, Dictionary<string, object?> variables)
    {
        if (rule.MessageExpression is { Length: > 0 } expression)
        {
            try
            {
                if (Evaluator.Evaluate(Parse(expression), variables) is string text && text.Trim() is { Length: > 0 } trimmed && !trimmed.Contains('\n', StringComparison.Ordinal))
                {
                    return trimmed;
                }
            }
            catch (CelException)
            {
                // As in the real server: a message that cannot be made is replaced by the fixed one.
            }
        }
        return rule.Message is { Length: > 0 } message ? message.Trim() : $"failed rule: {rule.Expression.Trim()}";
    }

    private static Expression Parse(string text)
    {
        if (Parsed.Count > MaxParsed)
        {
            Parsed.Clear();
        }
        return Parsed.GetOrAdd(text, Parser.Parse);
    }
}
