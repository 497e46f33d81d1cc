using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>intstr.IntOrString: a number, or a text such as a port's name or "25%".</summary>
/// <param name="Number">The number, when there is no text.</param>
/// <param name="Text">The text, or null.</param>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly record struct IntOrString(int Number, string? Text)
{
    /// <summary>A number.</summary>
    public IntOrString(int number)
        : this(number, null) { }

    /// <summary>A text.</summary>
    public IntOrString(string text)
        : this(0, text) { }

    /// <summary>The number or the text.</summary>
    public override string ToString() => Text ?? Number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>JSON of <see cref="IntOrString"/>.</summary>
public sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    /// <inheritdoc />
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Number => new(reader.GetInt32()),
            JsonTokenType.String => new(reader.GetString()!),
            _ => throw new JsonException("neither a number nor a text"),
        };

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (value.Text is { } text)
        {
            writer.WriteStringValue(text);
        }
        else
        {
            writer.WriteNumberValue(value.Number);
        }
    }
}
