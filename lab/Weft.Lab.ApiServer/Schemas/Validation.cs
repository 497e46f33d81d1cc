using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weft.Lab.ApiServer.Schemas.Cel;

namespace Weft.Lab.ApiServer.Schemas;

/// <summary>
/// Holds a custom resource against its schema: types, bounds, formats, list types and rules. On an update, what is as it
/// was may stay invalid (KEP-4008).
/// </summary>
public static class Validation
{
    /// <summary>A pattern that takes longer than this on one value counts as not matched.</summary>
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    /// <summary>All that is wrong; rules are evaluated only for an object that they can be evaluated on.</summary>
    public static IReadOnlyList<FieldError> Validate(JsonObject now, JsonObject? old, KindSchema schema)
    {
        var errors = new List<FieldError>();
        Visit(now, old, schema, "", errors, isRoot: true);
        if (errors.Any(e => e.Reason is "FieldValueRequired" or "FieldValueTypeInvalid" or "FieldValueTooLong" or "FieldValueTooMany" or "FieldValueDuplicate"))
        {
            if (HasRules(schema))
            {
                errors.Add(
                    new FieldError(
                        "FieldValueInvalid",
                        "<nil>",
                        "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"
                    )
                );
            }
        }
        else
        {
            errors.AddRange(Rules.Evaluate(now, old, schema));
        }
        return errors;
    }

    private static void Visit(JsonNode? value, JsonNode? old, KindSchema schema, string path, List<FieldError> errors, bool isRoot = false)
    {
        if (old is not null && JsonNode.DeepEquals(value, old))
        {
            return;
        }
        if (value is null && schema.Nullable)
        {
            return;
        }
        if (Mistyped(value, schema) is { } wanted)
        {
            errors.Add(TypeError(path, wanted, Kind(value)));
            return;
        }
        Values(value, schema, path, errors);
        switch (value)
        {
            case JsonObject members:
                foreach (var name in schema.Required.Where(name => !members.ContainsKey(name)))
                {
                    errors.Add(FieldError.Required(Join(path, name), ""));
                }
                foreach (var (name, member) in members.Where(m => !(isRoot && m.Key == "metadata")))
                {
                    if (schema.Member(name) is { } field)
                    {
                        Visit(member, old.At(name), field, Join(path, name), errors);
                    }
                }
                break;
            case JsonArray elements when schema.Items is { } items:
                var seen = new HashSet<string>();
                for (var i = 0; i < elements.Count; i++)
                {
                    Visit(elements[i], Correlated(schema, elements[i], old), items, $"{path}[{i}]", errors);
                    if (schema.ListType != ListType.Atomic && Key(schema, elements[i]) is { } key && !seen.Add(key.ToJsonString()))
                    {
                        errors.Add(FieldError.Duplicate($"{path}[{i}]", key));
                    }
                }
                break;
        }
        Combined(value, schema, path, errors);
    }

    /// <summary>The element of the old list that this one was before: only lists with keys tell.</summary>
    internal static JsonNode? Correlated(KindSchema list, JsonNode? element, JsonNode? old) =>
        list.ListType == ListType.Map && Key(list, element) is { } key
            ? old.Objects().FirstOrDefault(before => JsonNode.DeepEquals(Key(list, before), key))
            : null;

    private static JsonNode? Key(KindSchema list, JsonNode? element)
    {
        if (list.ListType == ListType.Set)
        {
            return element;
        }
        var key = new JsonObject();
        foreach (var name in list.ListKeys)
        {
            if (element.At(name) is { } part)
            {
                key[name] = part.DeepClone();
            }
        }
        return key;
    }

    private static bool HasRules(KindSchema schema) =>
        schema.Rules.Count > 0
        || schema.Properties.Where(p => p.Key != "metadata").Any(p => HasRules(p.Value))
        || schema.Items is not null && HasRules(schema.Items)
        || schema.AdditionalProperties is not null && HasRules(schema.AdditionalProperties);

    /// <summary>The type the value should have; null when it has it.</summary>
    private static string? Mistyped(JsonNode? value, KindSchema schema)
    {
        if (schema.IntOrString)
        {
            return value?.GetValueKind() == JsonValueKind.String || value.Integer() is not null ? null : "integer,string";
        }
        var fits = (schema.Type, value?.GetValueKind()) switch
        {
            (null, _) => true,
            ("object", JsonValueKind.Object) => true,
            ("array", JsonValueKind.Array) => true,
            ("string", JsonValueKind.String) => true,
            ("number", JsonValueKind.Number) => true,
            ("integer", JsonValueKind.Number) => value.Integer() is not null,
            ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
            _ => false,
        };
        return fits ? null : schema.Type;
    }

    private static string Kind(JsonNode? value) =>
        value?.GetValueKind() switch
        {
            null or JsonValueKind.Null => "null",
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => value.Integer() is null ? "number" : "integer",
            _ => "boolean",
        };

    private static void Values(JsonNode? value, KindSchema schema, string path, List<FieldError> errors)
    {
        void Should(string text) => errors.Add(FieldError.Invalid(path, value, $"{path} in body {text}"));
        if (value.Text() is { } format && schema.Format is { } name && !ValueFormats.Holds(name, format))
        {
            errors.Add(TypeError(path, name, format));
        }
        if (schema.Bounds is not { } bounds)
        {
            return;
        }
        if (value.Text() is { } text)
        {
            // Lengths count characters, not UTF-16 units.
            var length = text.EnumerateRunes().Count();
            if (length > bounds.MaxLength)
            {
                errors.Add(FieldError.TooLong(path, (int)bounds.MaxLength));
            }
            if (length < bounds.MinLength)
            {
                Should($"should be at least {bounds.MinLength} chars long");
            }
            if (bounds.Pattern is { } pattern && !Matches(text, pattern))
            {
                Should($"should match '{pattern}'");
            }
        }
        else if (value?.GetValueKind() == JsonValueKind.Number)
        {
            var number = decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
            if (bounds.ExclusiveMaximum ? number >= bounds.Maximum : number > bounds.Maximum)
            {
                Should($"should be less than {(bounds.ExclusiveMaximum ? "" : "or equal to ")}{bounds.Maximum}");
            }
            if (bounds.ExclusiveMinimum ? number <= bounds.Minimum : number < bounds.Minimum)
            {
                Should($"should be greater than {(bounds.ExclusiveMinimum ? "" : "or equal to ")}{bounds.Minimum}");
            }
            if (bounds.MultipleOf is > 0 and var factor && number % factor != 0)
            {
                Should($"should be a multiple of {factor}");
            }
        }
        else if (value is JsonArray elements)
        {
            if (elements.Count > bounds.MaxItems)
            {
                errors.Add(FieldError.TooMany(path, elements.Count, (int)bounds.MaxItems));
            }
            if (elements.Count < bounds.MinItems)
            {
                errors.Add(FieldError.Invalid(path, elements.Count, $"{path} in body should have at least {bounds.MinItems} items"));
            }
        }
        else if (value is JsonObject members)
        {
            if (members.Count > bounds.MaxProperties)
            {
                errors.Add(FieldError.TooMany(path, members.Count, (int)bounds.MaxProperties));
            }
            if (members.Count < bounds.MinProperties)
            {
                errors.Add(FieldError.Invalid(path, members.Count, $"{path} in body should have at least {bounds.MinProperties} properties"));
            }
        }
        if (bounds.Enum is { } allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
        {
            errors.Add(FieldError.NotSupported(path, value, allowed.Select(a => a.Text() ?? a?.ToJsonString() ?? "null")));
        }
    }

    private static void Combined(JsonNode? value, KindSchema schema, string path, List<FieldError> errors)
    {
        if (schema.Combinations is not { } combinations)
        {
            return;
        }
        bool Holds(KindSchema alternative)
        {
            var found = new List<FieldError>();
            Visit(value, null, alternative, path, found);
            return found.Count == 0;
        }
        void Must(string text) => errors.Add(new FieldError("FieldValueInvalid", "<nil>", $"Invalid value: \"\": \"{path}\" must {text}"));
        if (combinations.AnyOf is { Count: > 0 } any && !any.Any(Holds))
        {
            Must("validate at least one schema (anyOf)");
        }
        if (combinations.OneOf is { Count: > 0 } one && one.Count(Holds) is var count && count != 1)
        {
            Must($"validate one and only one schema (oneOf). Found {(count == 0 ? "none valid" : $"{count} valid alternatives")}");
        }
        if (combinations.AllOf is { Count: > 0 } all && !all.All(Holds))
        {
            foreach (var part in all)
            {
                Visit(value, null, part, path, errors);
            }
            Must("validate all the schemas (allOf)");
        }
        if (combinations.Not is { } not && Holds(not))
        {
            Must("not validate the schema (not)");
        }
    }

    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, PatternTimeout);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static FieldError TypeError(string path, string wanted, string found) =>
        FieldError.TypeInvalid(path.Length == 0 ? "<nil>" : path, found, $"{path} in body must be of type {wanted}: \"{found}\"");

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
