using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Defaults;

/// <summary>What is wrong with a document, in the order it was found.</summary>
internal sealed class Findings : List<FieldError>
{
    /// <summary>Each of the problems of one value.</summary>
    public void Invalid(string field, JsonNode? value, IEnumerable<string> problems) =>
        AddRange(problems.Select(problem => FieldError.Invalid(field, value, problem)));

    public void Invalid(string field, JsonNode? value, string problem) =>
        Add(FieldError.Invalid(field, value, problem));

    public void Required(string field, string detail = "") => Add(FieldError.Required(field, detail));

    public void Forbidden(string field, string detail) => Add(FieldError.Forbidden(field, detail));

    /// <summary>A value that has to be one of a few.</summary>
    public void OneOf(string field, JsonNode? value, bool required, params string[] supported)
    {
        if (value.Text() is null or "")
        {
            if (required)
            {
                Required(field);
            }
        }
        else if (!supported.Contains(value.Text()))
        {
            Add(FieldError.NotSupported(field, value, supported));
        }
    }

    public void NonNegative(string field, JsonNode? value)
    {
        if (value.Integer() < 0)
        {
            Invalid(field, value, "must be greater than or equal to 0");
        }
    }

    /// <summary>A port's number or its name.</summary>
    public void Port(string field, JsonNode? value)
    {
        if (value.Text() is { } name)
        {
            Invalid(field, value, Formats.PortName(name));
        }
        else
        {
            Invalid(field, value ?? 0, Formats.PortNumber(value.Integer() ?? 0));
        }
    }

    /// <summary>A value that cannot change.</summary>
    public void Immutable(string field, JsonNode? now, JsonNode? old)
    {
        if (!JsonNode.DeepEquals(now, old))
        {
            Invalid(field, now, "field is immutable");
        }
    }

    public void Labels(string field, JsonNode? labels)
    {
        foreach (var (key, value) in labels.Members().OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            Invalid(field, key, Formats.QualifiedName(key));
            Invalid(field, value, Formats.LabelValue(value.Text() ?? ""));
        }
    }

    public void LabelSelector(string field, JsonNode? selector)
    {
        Labels($"{field}.matchLabels", selector.At("matchLabels"));
        foreach (var (i, requirement) in selector.At("matchExpressions").Objects().Index())
        {
            var at = $"{field}.matchExpressions[{i}]";
            var values = requirement["values"].Texts().ToArray();
            switch (requirement["operator"].Text())
            {
                case "In" or "NotIn":
                    if (values.Length == 0)
                    {
                        Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'");
                    }
                    break;
                case "Exists" or "DoesNotExist":
                    if (values.Length > 0)
                    {
                        Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    }
                    break;
                case var other:
                    Invalid($"{at}.operator", other ?? "", "not a valid selector operator");
                    break;
            }
            Invalid(
                $"{at}.key",
                requirement["key"].Text() ?? "",
                Formats.QualifiedName(requirement["key"].Text() ?? "")
            );
            foreach (var (j, value) in values.Index())
            {
                Invalid($"{at}.values[{j}]", value, Formats.LabelValue(value));
            }
        }
    }
}
