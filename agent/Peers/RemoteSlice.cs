using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Resources;

namespace Weft.Agent.Peers;

/// <summary>
/// A WeftEndpointSlice as the other nodes need it, addresses and identities alone: read straight into its small form, for
/// every agent holds those of the whole cluster.
/// </summary>
internal sealed record RemoteSlice : IKubernetesObject
{
    /// <summary>The kind, with this form of its objects.</summary>
    public static Resource<RemoteSlice> Resource { get; } =
        new(
            WeftGroup.Name,
            WeftGroup.Version,
            WeftResources.EndpointSlices.Plural,
            WeftResources.EndpointSlices.Kind,
            Namespaced: false,
            RemoteSliceJson.Default.RemoteSlice,
            RemoteSliceJson.Default.ObjectListRemoteSlice
        );

    /// <inheritdoc/>
    public string? ApiVersion { get; init; }

    /// <inheritdoc/>
    public string? Kind { get; init; }

    /// <inheritdoc/>
    public required ObjectMeta Metadata { get; init; }

    /// <summary>The node.</summary>
    public string? NodeName { get; init; }

    /// <summary>Its pods.</summary>
    public RemoteEndpoint[]? Endpoints { get; init; }

    /// <summary>Without what nobody reads.</summary>
    public RemoteSlice Trimmed() =>
        this with
        {
            ApiVersion = null,
            Kind = null,
            Metadata = new ObjectMeta
            {
                Name = Metadata.Name,
                Uid = Metadata.Uid,
                ResourceVersion = Metadata.ResourceVersion,
            },
        };
}

/// <summary>Reads ips and identity of an endpoint and passes the rest by; an address that is none counts as absent.</summary>
internal sealed class RemoteEndpointConverter : JsonConverter<RemoteEndpoint>
{
    /// <inheritdoc/>
    public override RemoteEndpoint Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("an endpoint must be an object");
        }

        var (first, second, identity) = (RemoteEndpoint.None, RemoteEndpoint.None, 0u);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("ips"u8))
            {
                ReadIps(ref reader, ref first, ref second);
            }
            else if (reader.ValueTextEquals("identity"u8))
            {
                reader.Read();
                identity = reader.GetUInt32();
            }
            else
            {
                // All of the endpoint is in the buffer, and yet Skip refuses while the stream has more.
                reader.Read();
                reader.TrySkip();
            }
        }

        return new RemoteEndpoint(first, second, identity);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RemoteEndpoint value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("ips");
        foreach (var ip in (ReadOnlySpan<Ip>)[value.First, value.Second])
        {
            if (ip != RemoteEndpoint.None)
            {
                writer.WriteStringValue(ip.ToString());
            }
        }

        writer.WriteEndArray();
        writer.WriteNumber("identity", value.Identity);
        writer.WriteEndObject();
    }

    private static void ReadIps(ref Utf8JsonReader reader, ref Ip first, ref Ip second)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("\"ips\" must be a list");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!Ip.TryParse(reader.GetString(), out var ip))
            {
                continue;
            }

            if (first == RemoteEndpoint.None)
            {
                first = ip;
            }
            else if (second == RemoteEndpoint.None)
            {
                second = ip;
            }
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(RemoteEndpointConverter)]
)]
[JsonSerializable(typeof(ObjectList<RemoteSlice>))]
internal sealed partial class RemoteSliceJson : JsonSerializerContext;
