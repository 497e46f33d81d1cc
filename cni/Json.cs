using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Weft.Cni;

/// <summary>The objects the plugin prints.</summary>
internal static class Json
{
    // Messages quote with '"', which the default encoder, meant for HTML, turns into \u0022.
    private static readonly JsonWriterOptions Readable = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

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
