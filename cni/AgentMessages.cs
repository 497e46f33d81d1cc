using System.Buffers;
using System.Text.Json;
using Weft.Contracts;

namespace Weft.Cni;

/// <summary>
/// The messages of <see cref="ContractsJson"/>, written and read by hand. The serializer sets up tables of every type
/// before the first byte, which in a process that sends one message took longer than all else it does.
/// </summary>
internal static class AgentMessages
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = PlainEncoder.Instance };

    public static ReadOnlySpan<byte> Write(AgentRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Compact);
        json.WriteStartObject();
        json.WriteString("verb", NameOf(request.Verb));
        json.WriteString("network", request.Network);
        WriteId(json, "id", request.Id);
        json.WriteString("netns", request.Netns);
        if (request.Pod is { } pod)
        {
            json.WriteStartObject("pod");
            json.WriteString("namespace", pod.Namespace);
            json.WriteString("name", pod.Name);
            json.WriteString("uid", pod.Uid);
            json.WriteEndObject();
        }

        if (request.RequestedIps is { } ips)
        {
            WriteList(json, "requestedIps", ips, json.WriteStringValue);
        }

        json.WriteString("requestedMac", request.RequestedMac);
        if (request.Expected is { } expected)
        {
            WriteAttachment(json, expected);
        }

        if (request.PortMappings is { } mappings)
        {
            WriteList(json, "portMappings", mappings, mapping => WriteMapping(json, mapping));
        }

        json.WriteBoolean("sharesClsact", request.SharesClsact);
        if (request.ValidAttachments is { } valid)
        {
            WriteList(json, "validAttachments", valid, id => WriteId(json, null, id));
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan;
    }

    /// <exception cref="JsonException">It is no answer of the agent's.</exception>
    public static AgentResponse Read(ReadOnlySpan<byte> message)
    {
        var response = Json.Parse(message);
        try
        {
            return new AgentResponse(
                ReadError(Member(response, "error")),
                ReadAttachment(Member(response, "attachment"))
            );
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException(e.Message, e);
        }
    }

    // The enum's own names would come with all that the runtime knows of types.
    private static string NameOf(AgentVerb verb) =>
        verb switch
        {
            AgentVerb.Add => nameof(AgentVerb.Add),
            AgentVerb.Del => nameof(AgentVerb.Del),
            AgentVerb.Check => nameof(AgentVerb.Check),
            AgentVerb.Gc => nameof(AgentVerb.Gc),
            AgentVerb.Status => nameof(AgentVerb.Status),
            _ => throw new ArgumentOutOfRangeException(nameof(verb)),
        };

    private static void WriteId(Utf8JsonWriter json, string? key, AttachmentId? id)
    {
        if (id is null)
        {
            return;
        }

        if (key is not null)
        {
            json.WritePropertyName(key);
        }

        json.WriteStartObject();
        json.WriteString("containerId", id.ContainerId);
        json.WriteString("ifName", id.IfName);
        json.WriteEndObject();
    }

    private static void WriteMapping(Utf8JsonWriter json, PortMapping mapping)
    {
        json.WriteStartObject();
        json.WriteString("hostIp", mapping.HostIp);
        json.WriteNumber("hostPort", mapping.HostPort);
        json.WriteNumber("containerPort", mapping.ContainerPort);
        json.WriteString("protocol", mapping.Protocol);
        json.WriteEndObject();
    }

    private static void WriteAttachment(Utf8JsonWriter json, Attachment attachment)
    {
        json.WriteStartObject("expected");
        json.WriteString("hostInterface", attachment.HostInterface);
        json.WriteString("hostMac", attachment.HostMac);
        json.WriteString("ifName", attachment.IfName);
        json.WriteString("mac", attachment.Mac);
        json.WriteNumber("mtu", attachment.Mtu);
        WriteList(
            json,
            "addresses",
            attachment.Addresses,
            address =>
            {
                json.WriteStartObject();
                json.WriteString("address", address.Address);
                json.WriteString("gateway", address.Gateway);
                json.WriteEndObject();
            }
        );
        WriteList(
            json,
            "routes",
            attachment.Routes,
            route =>
            {
                json.WriteStartObject();
                json.WriteString("destination", route.Destination);
                json.WriteString("gateway", route.Gateway);
                json.WriteEndObject();
            }
        );
        json.WriteEndObject();
    }

    private static void WriteList<T>(Utf8JsonWriter json, string key, IReadOnlyList<T> items, Action<T> write)
    {
        json.WriteStartArray(key);
        foreach (var item in items)
        {
            write(item);
        }

        json.WriteEndArray();
    }

    private static AgentError? ReadError(JsonElement? error) =>
        error is { } e
            ? new AgentError(e.GetProperty("code").GetInt32(), Text(e, "message"), OptionalText(e, "details"))
            : null;

    private static Attachment? ReadAttachment(JsonElement? attachment) =>
        attachment is { } a
            ? new Attachment(
                Text(a, "hostInterface"),
                Text(a, "hostMac"),
                Text(a, "ifName"),
                Text(a, "mac"),
                a.GetProperty("mtu").GetInt32(),
                ReadList(a, "addresses", address => new PodAddress(Text(address, "address"), Text(address, "gateway"))),
                ReadList(a, "routes", route => new PodRoute(Text(route, "destination"), OptionalText(route, "gateway")))
            )
            : null;

    private static List<T> ReadList<T>(JsonElement parent, string key, Func<JsonElement, T> read)
    {
        var items = new List<T>();
        foreach (var item in parent.GetProperty(key).EnumerateArray())
        {
            items.Add(read(item));
        }

        return items;
    }

    private static JsonElement? Member(JsonElement parent, string key) =>
        parent.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Text(JsonElement parent, string key) =>
        OptionalText(parent, key) ?? throw new JsonException($"\"{key}\" is null");

    private static string? OptionalText(JsonElement parent, string key) => parent.GetProperty(key).GetString();
}
