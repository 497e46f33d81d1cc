using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects.Compact;

/// <summary>Reads labels and annotations into a <see cref="CompactDictionary"/> with shared texts.</summary>
public sealed class CompactDictionaryConverter : JsonConverter<IReadOnlyDictionary<string, string>>
{
    /// <inheritdoc />
    public override IReadOnlyDictionary<string, string> Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    )
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("labels and annotations must be an object");
        }

        var texts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            texts.Add(SharedStringConverter.ReadShared(ref reader));
            reader.Read();
            texts.Add(
                reader.TokenType switch
                {
                    JsonTokenType.String => SharedStringConverter.ReadShared(ref reader),
                    // As Go reads it.
                    JsonTokenType.Null => "",
                    _ => throw new JsonException("the values of labels and annotations must be texts"),
                }
            );
        }

        return new CompactDictionary([.. texts]);
    }

    /// <inheritdoc />
    public override void Write(
        Utf8JsonWriter writer,
        IReadOnlyDictionary<string, string> value,
        JsonSerializerOptions options
    )
    {
        writer.WriteStartObject();
        foreach (var (key, text) in value)
        {
            writer.WriteString(key, text);
        }

        writer.WriteEndObject();
    }
}
