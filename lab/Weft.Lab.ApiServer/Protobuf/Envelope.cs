using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Protobuf;

/// <summary>
/// The Kubernetes protobuf envelope: four bytes of magic, then a runtime.Unknown with the type and the bytes of the
/// object. It is read, never written: `kubectl create` sends nothing else, but takes JSON for an answer.
/// </summary>
internal static class Envelope
{
    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <exception cref="StatusException">It is no envelope, or of a kind whose messages are not known here.</exception>
    public static JsonObject Decode(byte[] bytes)
    {
        if (!bytes.AsSpan().StartsWith(Magic))
        {
            throw Failures.BadRequest("the body is no Kubernetes protobuf: it does not begin with k8s\\0");
        }

        string? apiVersion = null;
        string? kind = null;
        ReadOnlySpan<byte> raw = default;
        try
        {
            var reader = new WireReader(bytes.AsSpan(Magic.Length));
            while (reader.Next(out var field))
            {
                switch (field)
                {
                    case 1:
                        (apiVersion, kind) = TypeMeta(reader.Bytes());
                        break;
                    case 2:
                        raw = reader.Bytes();
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            if (kind is null || Messages.Find(kind) is not { } message)
            {
                throw Failures.UnsupportedMediaType(
                    $"application/json (of protobuf this server reads {string.Join(", ", Messages.Kinds)})"
                );
            }

            var document = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
            foreach (var (name, value) in MessageReader.Read(raw, message).ToList())
            {
                document[name] = value?.DeepClone();
            }

            return document;
        }
        catch (InvalidDataException e)
        {
            throw Failures.BadRequest($"the body is no valid protobuf: {e.Message}; send JSON instead");
        }
    }

    private static (string ApiVersion, string Kind) TypeMeta(ReadOnlySpan<byte> bytes)
    {
        var (apiVersion, kind) = ("", "");
        var reader = new WireReader(bytes);
        while (reader.Next(out var field))
        {
            switch (field)
            {
                case 1:
                    apiVersion = reader.Text();
                    break;
                case 2:
                    kind = reader.Text();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return (apiVersion, kind);
    }
}
