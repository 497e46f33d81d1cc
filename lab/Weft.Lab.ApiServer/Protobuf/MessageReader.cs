using System.Text.Json.Nodes;

namespace Weft.Lab.ApiServer.Protobuf;

/// <summary>Messages to documents, by the table of messages.</summary>
internal static class MessageReader
{
    /// <exception cref="InvalidDataException">It is cut short, or has a field that the table does not.</exception>
    public static JsonObject Read(ReadOnlySpan<byte> bytes, Message message)
    {
        var document = new JsonObject();
        var reader = new WireReader(bytes);
        while (reader.Next(out var number))
        {
            if (!message.Fields.TryGetValue(number, out var field))
            {
                // To drop what a client has written would be worse than to refuse it.
                throw new InvalidDataException($"field {number} of {message.Name} is not known");
            }

            Add(document, field, ref reader);
        }

        return document;
    }

    private static void Add(JsonObject document, Field field, ref WireReader reader)
    {
        if (field.IsMap)
        {
            var (key, value) = Entry(reader.Bytes(), field.Type);
            ((JsonObject)(document[field.Name] ??= new JsonObject()))[key] = value;
        }
        else if (Value(field.Type, ref reader) is { } value)
        {
            if (field.IsList)
            {
                ((JsonArray)(document[field.Name] ??= new JsonArray())).Add(value);
            }
            else if (!IsEmpty(value))
            {
                document[field.Name] = value;
            }
        }
    }

    private static (string Key, JsonNode? Value) Entry(ReadOnlySpan<byte> bytes, string type)
    {
        var key = "";
        JsonNode? value = "";
        var reader = new WireReader(bytes);
        while (reader.Next(out var number))
        {
            if (number == 1)
            {
                key = reader.Text();
            }
            else
            {
                value = Value(type, ref reader);
            }
        }

        return (key, value);
    }

    private static JsonNode? Value(string type, ref WireReader reader) =>
        type switch
        {
            "string" => reader.Text(),
            "int" => reader.Integer(),
            "bool" => reader.Integer() != 0,
            "bytes" => Convert.ToBase64String(reader.Bytes()),
            "Time" => Time(reader.Bytes()),
            "Quantity" => Read(reader.Bytes(), Messages.Find(type)!)["string"]?.DeepClone() ?? "0",
            "IntOrString" => IntOrString(reader.Bytes()),
            _ => Read(reader.Bytes(), Messages.Find(type)!),
        };

    /// <summary>Go's encoder writes what is not set, unless it is a pointer: empty texts and messages mean nothing.</summary>
    private static bool IsEmpty(JsonNode value) =>
        value is JsonObject { Count: 0 }
        || value is JsonValue text && text.TryGetValue<string>(out var s) && s.Length == 0;

    private static JsonNode? Time(ReadOnlySpan<byte> bytes)
    {
        var seconds = Read(bytes, Messages.Find("Time")!)["seconds"];
        return seconds is null ? null : Fields.Time(DateTimeOffset.FromUnixTimeSeconds((long)seconds));
    }

    private static JsonNode? IntOrString(ReadOnlySpan<byte> bytes)
    {
        var value = Read(bytes, Messages.Find("IntOrString")!);
        return (long?)value["type"] == 1 ? (value["strVal"]?.DeepClone() ?? "") : value["intVal"]?.DeepClone();
    }
}
