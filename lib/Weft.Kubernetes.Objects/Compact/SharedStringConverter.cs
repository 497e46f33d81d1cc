using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects.Compact;

/// <summary>A text that many objects have: read through the <see cref="StringPool"/>.</summary>
public sealed class SharedStringConverter : JsonConverter<string>
{
    /// <inheritdoc />
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : ReadShared(ref reader);

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);

    internal static string ReadShared(ref Utf8JsonReader reader) =>
        reader is { HasValueSequence: false, ValueIsEscaped: false, TokenType: not JsonTokenType.Number }
            ? StringPool.Get(reader.ValueSpan)
            : reader.GetString()!;
}
