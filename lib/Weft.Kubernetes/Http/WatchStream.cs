using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes.Http;

/// <summary>The body of a watch: one JSON event per line, until the server ends it.</summary>
internal static class WatchStream
{
    // Objects are at most 1.5 MiB in etcd, in a denser encoding.
    private const int LongestLine = 16 << 20;

    /// <summary>Events as they come. A last line without its end was cut off: the next watch has it again.</summary>
    /// <exception cref="JsonException">A line is no event.</exception>
    public static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(
        Stream body,
        Resource<T> resource,
        [EnumeratorCancellation] CancellationToken cancellation
    )
        where T : class, IKubernetesObject
    {
        var pipe = PipeReader.Create(body, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync(cancellation);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = buffer.Slice(0, end);
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                    if (!line.IsEmpty)
                    {
                        yield return Parse(line, resource);
                    }
                }

                if (buffer.Length > LongestLine)
                {
                    throw new JsonException($"an event is longer than {LongestLine} bytes");
                }

                pipe.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    private static WatchEvent<T> Parse<T>(ReadOnlySequence<byte> line, Resource<T> resource)
        where T : class, IKubernetesObject
    {
        // The object can be decoded once its type is known, whichever of them the server writes first.
        var type = ValueOf("type"u8, line).GetString() switch
        {
            "ADDED" => WatchEventType.Added,
            "MODIFIED" => WatchEventType.Modified,
            "DELETED" => WatchEventType.Deleted,
            "BOOKMARK" => WatchEventType.Bookmark,
            "ERROR" => WatchEventType.Error,
            var other => throw new JsonException($"an event has the unknown type {other}"),
        };
        var obj = ValueOf("object"u8, line);
        switch (type)
        {
            case WatchEventType.Error:
                return new(type, null, null, JsonSerializer.Deserialize(ref obj, ObjectsJson.Default.Status));
            case WatchEventType.Bookmark:
                // It has nothing of an object but the version, and a kind's own fields may be required.
                return new(
                    type,
                    null,
                    JsonSerializer.Deserialize(ref obj, ObjectsJson.Default.Unstructured)?.Metadata?.ResourceVersion
                        ?? throw new JsonException("a bookmark has no version"),
                    null
                );
            default:
                var read = JsonSerializer.Deserialize(ref obj, resource.Json);
                return read is { Metadata: not null }
                    ? new(type, read, read.Metadata.ResourceVersion, null)
                    : throw new JsonException("an object has no metadata");
        }
    }

    private static Utf8JsonReader ValueOf(ReadOnlySpan<byte> name, ReadOnlySequence<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("an event is no JSON object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
            {
                return reader;
            }

            reader.Skip();
        }

        throw new JsonException("an event lacks its type or its object");
    }
}
