using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Store;
using Weft.Lab.ApiServer.Tables;

namespace Weft.Lab.ApiServer.Http;

/// <summary>Stored objects as the client wants to see them. Whole objects are the stored bytes, never made again.</summary>
internal static class Presentation
{
    private const string MetadataVersion = "meta.k8s.io/v1";

    /// <summary>One object.</summary>
    public static byte[] One(Request request, StoredObject stored) =>
        request.Representation.Type switch
        {
            RepresentationType.Table => JsonText.Bytes(
                Table(request, [stored], new JsonObject { ["resourceVersion"] = $"{stored.ResourceVersion}" })
            ),
            RepresentationType.Metadata => JsonText.Bytes(Partial(stored)),
            _ => Views.Bytes(request.Kind, stored),
        };

    /// <summary>A list, with its metadata.</summary>
    public static ReadOnlyMemory<byte> Many(
        Request request,
        IReadOnlyCollection<StoredObject> objects,
        JsonObject metadata
    )
    {
        switch (request.Representation.Type)
        {
            case RepresentationType.Table:
                return JsonText.Bytes(Table(request, objects, metadata));
            case RepresentationType.Metadata:
                return JsonText.Bytes(
                    new JsonObject
                    {
                        ["kind"] = "PartialObjectMetadataList",
                        ["apiVersion"] = MetadataVersion,
                        ["metadata"] = metadata,
                        ["items"] = new JsonArray([.. objects.Select(Partial)]),
                    }
                );
            default:
                return List(request.Kind, objects, metadata);
        }
    }

    private static ReadOnlyMemory<byte> List(Kind kind, IReadOnlyCollection<StoredObject> objects, JsonObject metadata)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + objects.Sum(stored => stored.Bytes.Length + 1));
        buffer.Write(StoredObject.TypeMeta(kind.ApiVersion, kind.ListName));
        buffer.Write("\"metadata\":"u8);
        buffer.Write(Encoding.UTF8.GetBytes(metadata.ToJsonString()));
        buffer.Write(",\"items\":["u8);
        var first = true;
        foreach (var stored in objects)
        {
            if (!first)
            {
                buffer.Write(","u8);
            }

            first = false;
            if (kind.IsCustom || !Views.IsStoredAs(kind, stored))
            {
                buffer.Write(Views.Bytes(kind, stored));
            }
            else
            {
                // Items of the built-in kinds' lists do not repeat what the list says of them.
                buffer.Write("{"u8);
                buffer.Write(stored.Bytes.AsSpan(stored.BodyOffset));
            }
        }

        buffer.Write("]}"u8);
        return buffer.WrittenMemory;
    }

    private static JsonObject Partial(StoredObject stored) =>
        new()
        {
            ["kind"] = "PartialObjectMetadata",
            ["apiVersion"] = MetadataVersion,
            ["metadata"] = stored.Document()["metadata"]!.DeepClone(),
        };

    private static JsonObject Table(Request request, IEnumerable<StoredObject> objects, JsonObject metadata)
    {
        var table = Tables.Table.Render(
            request.Kind.ApiVersion,
            request.Kind.Name,
            request.Kind.PrinterColumns,
            objects.Select(stored => Views.Document(request.Kind, stored)),
            request.Query("includeObject"),
            request.Now
        );
        table["metadata"] = metadata;
        return table;
    }
}
