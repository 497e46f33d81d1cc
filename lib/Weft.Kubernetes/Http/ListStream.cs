using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes.Http;

/// <summary>
/// The body of a list: its objects are decoded one by one as they come, and trimmed at once. So what is in memory is one
/// object whole and the others as they are kept, however long the list.
/// </summary>
internal sealed class ListStream<T>(Resource<T> resource, Func<T, T>? transform)
    where T : class, IKubernetesObject
{
    // Objects are at most 1.5 MiB in etcd, in a denser encoding.
    private const int LongestObject = 16 << 20;
    private const int BufferSize = 64 << 10;

    private readonly List<T> items = [];
    private ListMeta? metadata;
    private Place place = Place.Start;

    private enum Place
    {
        /// <summary>Before the list's brace.</summary>
        Start,

        /// <summary>Among the list's own fields.</summary>
        Fields,

        /// <summary>Among the objects.</summary>
        Items,

        /// <summary>Behind it.</summary>
        End,
    }

    /// <summary>Reads a page to its end.</summary>
    /// <exception cref="JsonException">It is no list, or it is cut off.</exception>
    public async Task<ObjectList<T>> ReadAsync(Stream body, CancellationToken cancellation)
    {
        var pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: BufferSize, leaveOpen: true));
        var state = new JsonReaderState();
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync(cancellation);
                var consumed = Take(read.Buffer, read.IsCompleted, ref state);
                if (read.IsCompleted)
                {
                    return new ObjectList<T> { Metadata = metadata, Items = items };
                }

                if (read.Buffer.Slice(consumed).Length > LongestObject)
                {
                    throw new JsonException($"an object is longer than {LongestObject} bytes");
                }

                pipe.AdvanceTo(consumed, read.Buffer.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    /// <summary>Reads all that is whole; returns where it ends.</summary>
    private SequencePosition Take(ReadOnlySequence<byte> buffer, bool isLast, ref JsonReaderState state)
    {
        var reader = new Utf8JsonReader(buffer, isLast, state);
        // Each step on a copy: one that lacks its end is made again when there is more.
        for (var ahead = reader; TryStep(ref ahead, buffer); )
        {
            reader = ahead;
        }

        state = reader.CurrentState;
        return reader.Position;
    }

    private bool TryStep(ref Utf8JsonReader reader, ReadOnlySequence<byte> buffer)
    {
        if (!reader.Read())
        {
            return false;
        }

        switch (place)
        {
            case Place.Start:
                place =
                    reader.TokenType == JsonTokenType.StartObject
                        ? Place.Fields
                        : throw new JsonException("the list is no JSON object");
                return true;
            case Place.Items when reader.TokenType == JsonTokenType.EndArray:
                place = Place.Fields;
                return true;
            case Place.Items:
                return TryItem(ref reader, buffer);
            default:
                if (reader.TokenType == JsonTokenType.EndObject)
                {
                    place = Place.End;
                    return true;
                }

                return TryField(ref reader);
        }
    }

    private bool TryField(ref Utf8JsonReader reader)
    {
        var isItems = reader.ValueTextEquals("items"u8);
        var isMetadata = reader.ValueTextEquals("metadata"u8);
        if (!reader.Read())
        {
            return false;
        }

        if (isItems && reader.TokenType == JsonTokenType.StartArray)
        {
            place = Place.Items;
            return true;
        }

        var value = reader;
        if (!reader.TrySkip())
        {
            return false;
        }

        if (isMetadata)
        {
            metadata = JsonSerializer.Deserialize(ref value, ObjectsJson.Default.ListMeta);
        }
        else if (isItems && reader.TokenType != JsonTokenType.Null)
        {
            throw new JsonException("the list's items are no JSON array");
        }

        return true;
    }

    private bool TryItem(ref Utf8JsonReader reader, ReadOnlySequence<byte> buffer)
    {
        var start = reader.TokenStartIndex;
        if (!reader.TrySkip())
        {
            return false;
        }

        var text = buffer.Slice(start, reader.BytesConsumed - start);
        var obj = text.IsSingleSegment ? Decode(text.FirstSpan) : DecodeScattered(text);
        items.Add(transform?.Invoke(obj) ?? obj);
        return true;
    }

    private T DecodeScattered(ReadOnlySequence<byte> text)
    {
        var joined = ArrayPool<byte>.Shared.Rent((int)text.Length);
        try
        {
            text.CopyTo(joined);
            return Decode(joined.AsSpan(0, (int)text.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }

    private T Decode(ReadOnlySpan<byte> text) =>
        JsonSerializer.Deserialize(text, resource.Json) ?? throw new JsonException("an object of the list is null");
}
