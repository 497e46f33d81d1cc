using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Weft.Kubernetes.Objects;

/// <summary>JSON of <see cref="Unstructured"/>: extension data of a JsonObject is not written as fields by itself.</summary>
public sealed class UnstructuredConverter : JsonConverter<Unstructured>
{
    /// <inheritdoc />
    public override Unstructured Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (JsonNode.Parse(ref reader) is not JsonObject fields)
        {
            throw new JsonException("an object of the Kubernetes API must be a JSON object");
        }

        var read = new Unstructured
        {
            ApiVersion = fields["apiVersion"]?.GetValue<string>(),
            Kind = fields["kind"]?.GetValue<string>(),
            Metadata =
                fields["metadata"].Deserialize(ObjectsJson.Default.ObjectMeta)
                ?? throw new JsonException("an object of the Kubernetes API must have metadata"),
            Fields = fields,
        };
        fields.Remove("apiVersion");
        fields.Remove("kind");
        fields.Remove("metadata");
        return read;
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Unstructured value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        if (value.ApiVersion is { } version)
        {
            writer.WriteString("apiVersion", version);
        }

        if (value.Kind is { } kind)
        {
            writer.WriteString("kind", kind);
        }

        writer.WritePropertyName("metadata");
        JsonSerializer.Serialize(writer, value.Metadata, ObjectsJson.Default.ObjectMeta);
        foreach (var (name, node) in value.Fields ?? [])
        {
            writer.WritePropertyName(name);
            if (node is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                node.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
