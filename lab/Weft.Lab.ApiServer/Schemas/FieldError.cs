using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Schemas;

/// <summary>What is wrong with one field: a cause of a Status, as apimachinery's field.Error writes it.</summary>
/// <param name="Reason">metav1.CauseType, such as FieldValueInvalid.</param>
/// <param name="Field">The field's path, such as spec.ports[0].port.</param>
/// <param name="Message">The kind of error, the value and what is wrong with it.</param>
public sealed record FieldError(string Reason, string Field, string Message)
{
    /// <summary>The value is not allowed.</summary>
    public static FieldError Invalid(string field, JsonNode? value, string detail) =>
        new("FieldValueInvalid", field, $"Invalid value: {Print(value)}: {detail}");

    /// <summary>The value is not allowed; it is too large to print.</summary>
    public static FieldError Invalid(string field, string detail) =>
        new("FieldValueInvalid", field, $"Invalid value: {detail}");

    /// <summary>The value is of another type.</summary>
    public static FieldError TypeInvalid(string field, JsonNode? value, string detail) =>
        new("FieldValueTypeInvalid", field, $"Invalid value: {Print(value)}: {detail}");

    /// <summary>The value is missing.</summary>
    public static FieldError Required(string field, string detail) =>
        new("FieldValueRequired", field, detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    /// <summary>The value is none of those allowed.</summary>
    public static FieldError NotSupported(string field, JsonNode? value, params IEnumerable<string> supported) =>
        new(
            "FieldValueNotSupported",
            field,
            $"Unsupported value: {Print(value)}: supported values: {string.Join(", ", supported.Select(s => $"\"{s}\""))}"
        );

    /// <summary>The value is there and must not be.</summary>
    public static FieldError Forbidden(string field, string detail) =>
        new("FieldValueForbidden", field, $"Forbidden: {detail}");

    /// <summary>The value is there twice.</summary>
    public static FieldError Duplicate(string field, JsonNode? value) =>
        new("FieldValueDuplicate", field, $"Duplicate value: {Print(value)}");

    /// <summary>The value has too many bytes.</summary>
    public static FieldError TooLong(string field, int max) =>
        new("FieldValueTooLong", field, $"Too long: may not be more than {max} bytes");

    /// <summary>The list has too many elements.</summary>
    public static FieldError TooMany(string field, int actual, int max) =>
        new("FieldValueTooMany", field, $"Too many: {actual}: must have at most {max} items");

    /// <summary>"field: message", as in the message of a Status.</summary>
    public override string ToString() => Field.Length == 0 ? $"<nil>: {Message}" : $"{Field}: {Message}";

    /// <summary>The message of the Status (code 422, reason Invalid) of an object with these errors.</summary>
    /// <param name="kind">Kind, with the group behind a dot unless it is the core group: NetworkPolicy.networking.k8s.io.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="errors">At least one.</param>
    public static string Summary(string kind, string name, IReadOnlyCollection<FieldError> errors)
    {
        // The real server prints an error that occurs twice once, and several in brackets.
        var texts = errors.Select(error => error.ToString()).Distinct().ToArray();
        return $"{kind} \"{name}\" is invalid: {(texts.Length == 1 ? texts[0] : $"[{string.Join(", ", texts)}]")}";
    }

    private static string Print(JsonNode? value) =>
        value switch
        {
            null => "null",
            JsonValue v when v.TryGetValue(out string? text) =>
                $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
            _ => value.ToJsonString(NodeReading.Plain),
        };
}
