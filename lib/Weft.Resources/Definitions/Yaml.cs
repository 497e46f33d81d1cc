using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Weft.Resources.Definitions;

/// <summary>Writes JSON as YAML in block style. Every text is quoted by JSON's rules, which YAML 1.2 shares, or needs none.</summary>
public static class Yaml
{
    private static readonly string[] NotTexts = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

    /// <summary>One document, with a newline at its end.</summary>
    public static string Write(JsonElement value)
    {
        var text = new StringBuilder();
        WriteValue(text, value, 0, afterDash: true);
        return text.ToString();
    }

    private static void WriteValue(StringBuilder text, JsonElement value, int indent, bool afterDash)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.EnumerateObject().Any():
                WriteObject(text, value, indent, afterDash);
                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                WriteArray(text, value, indent, afterDash);
                break;
            default:
                text.Append(afterDash ? "" : " ").Append(Scalar(value)).Append('\n');
                break;
        }
    }

    private static void WriteObject(StringBuilder text, JsonElement value, int indent, bool afterDash)
    {
        // The first key stands on the line of the dash, the others below it.
        var onLine = afterDash;
        text.Append(afterDash ? "" : "\n");
        foreach (var property in value.EnumerateObject())
        {
            text.Append(' ', onLine ? 0 : indent).Append(Quote(property.Name)).Append(':');
            WriteValue(text, property.Value, indent + 2, afterDash: false);
            onLine = false;
        }
    }

    private static void WriteArray(StringBuilder text, JsonElement value, int indent, bool afterDash)
    {
        text.Append(afterDash ? "" : "\n");
        foreach (var item in value.EnumerateArray())
        {
            text.Append(' ', indent).Append("- ");
            WriteValue(text, item, indent + 2, afterDash: true);
        }
    }

    private static string Scalar(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? Quote(value.GetString()!) : value.GetRawText();

    private static string Quote(string text) =>
        text.Length > 0
        && char.IsAsciiLetter(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or '_')
        && !NotTexts.Contains(text.ToLower(CultureInfo.InvariantCulture))
            ? text
            : $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
