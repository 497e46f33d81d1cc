using System.Buffers;
using System.Text.Json;

namespace Weft.Cni;

/// <summary>JSON that comes in, and the objects the plugin prints.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = PlainEncoder.Instance };

    /// <summary>One value and nothing after it. Not by JsonDocument: the pools it rents from measure the processor first.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var value = JsonElement.ParseValue(ref reader);
        // Throws if there is more.
        reader.Read();
        return value;
    }

    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Error(CniVersion version, CniException error) =>
        Write(json =>
        {
            json.WriteString("cniVersion", version.Text());
            json.WriteNumber("code", error.Code);
            json.WriteString("msg", error.Message);
            if (error.Details is not null)
            {
                json.WriteString("details", error.Details);
            }
        });

    /// <summary>VERSION's answer; the spec wants the request's own version back.</summary>
    public static byte[] Versions(string asked) =>
        Write(json =>
        {
            json.WriteString("cniVersion", asked);
            json.WriteStartArray("supportedVersions");
            foreach (var version in CniVersions.Supported)
            {
                json.WriteStringValue(version);
            }

            json.WriteEndArray();
        });
}
