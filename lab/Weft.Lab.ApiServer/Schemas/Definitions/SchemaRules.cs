using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weft.Lab.ApiServer.Defaults;
using Weft.Lab.ApiServer.Schemas.Cel;

namespace Weft.Lab.ApiServer.Schemas.Definitions;

/// <summary>The x-kubernetes-validations of a schema: rules and messages that compile and give what they must.</summary>
internal static partial class SchemaRules
{
    public static void Validate(JsonObject node, string field, bool hasOld, Findings findings)
    {
        if (node["x-kubernetes-validations"] is not JsonArray rules)
        {
            return;
        }
        var schema = CustomSchema.Read(node);
        foreach (var (i, rule) in schema.Rules.Index())
        {
            var at = $"{field}.x-kubernetes-validations[{i}]";
            if (rule.Expression.Trim().Length == 0)
            {
                findings.Required($"{at}.rule", "rule is not specified");
                continue;
            }
            if (rule.Message is { } message)
            {
                if (message.Trim().Length == 0 && message.Length > 0)
                {
                    findings.Invalid($"{at}.message", message, "must be non-empty if specified");
                }
                else if (message.Trim().Contains('\n', StringComparison.Ordinal))
                {
                    findings.Invalid($"{at}.message", message, "must not contain line breaks");
                }
            }
            else if (rule.Expression.Trim().Contains('\n', StringComparison.Ordinal))
            {
                findings.Required($"{at}.message", "message must be specified if rule contains line breaks");
            }
            findings.OneOf(
                $"{at}.reason",
                rule.Reason,
                false,
                "FieldValueDuplicate",
                "FieldValueForbidden",
                "FieldValueInvalid",
                "FieldValueRequired"
            );
            if (rule.FieldPath is { } path && !FieldPathForm().IsMatch(path))
            {
                findings.Invalid($"{at}.fieldPath", path, "must be a valid path");
            }
            Expression(
                rule.Expression,
                $"{at}.rule",
                rules[i],
                "bool",
                "cel expression must evaluate to a bool",
                "compilation failed: "
            );
            if (rule.MessageExpression is { } expression)
            {
                Expression(
                    expression,
                    $"{at}.messageExpression",
                    rules[i],
                    "string",
                    "messageExpression must evaluate to a string",
                    "messageExpression compilation failed: "
                );
            }

            void Expression(string text, string where, JsonNode? whole, string type, string wrongType, string failed)
            {
                try
                {
                    if (
                        Checker.Check(text, schema, rule.OptionalOldSelf) is var found
                        && found != type
                        && found != "dyn"
                    )
                    {
                        findings.Invalid(where, whole, wrongType);
                    }
                    if (Cel.Rules.UsesOldSelf(text) && !hasOld)
                    {
                        findings.Invalid(
                            where,
                            text,
                            $"oldSelf cannot be used on the uncorrelatable portion of the schema within {field}"
                        );
                    }
                }
                catch (CelSyntaxException e)
                {
                    findings.Invalid(where, whole, failed + e.Print());
                }
            }
        }
    }

    [GeneratedRegex(@"^(\.[A-Za-z_][A-Za-z0-9_-]*|\['[^']+'\])+\z")]
    private static partial Regex FieldPathForm();
}
