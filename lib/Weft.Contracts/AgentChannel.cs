using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Win32.SafeHandles;

namespace Weft.Contracts;

/// <summary>
/// One end of a connection between the agent and a client, over a unix stream socket. A message is a 4-byte
/// little-endian length and that many bytes of JSON. A request may carry one file descriptor (SCM_RIGHTS) with its
/// first byte: the pod's network namespace, which the agent could not always open by its path.
/// </summary>
public sealed class AgentChannel : IDisposable
{
    /// <summary>Longest message, in bytes. A GC of 50,000 attachments fits.</summary>
    public const int MaxMessage = 16 << 20;

    private const int LengthBytes = 4;
    private readonly SafeHandle socket;
    private readonly IDisposable owner;

    private AgentChannel(SafeHandle socket, IDisposable owner)
    {
        this.socket = socket;
        this.owner = owner;
    }

    /// <summary>Connects to the agent at <paramref name="path"/>; <paramref name="timeout"/> bounds every wait.</summary>
    /// <exception cref="IOException">Nothing listens there.</exception>
    public static AgentChannel Connect(string path, TimeSpan timeout)
    {
        var socket = UnixSocket.Connect(path, timeout);
        return new AgentChannel(socket, socket);
    }

    /// <summary>The server's end of an accepted connection, now the channel's; <paramref name="timeout"/> bounds every wait.</summary>
    public static AgentChannel Accepted(Socket connection, TimeSpan timeout)
    {
        UnixSocket.SetTimeout(connection.SafeHandle, timeout);
        return new AgentChannel(connection.SafeHandle, connection);
    }

    /// <summary>Sends a request with an optional descriptor and waits for its response.</summary>
    /// <exception cref="IOException">The agent went away before it answered, or took too long.</exception>
    public AgentResponse Call(AgentRequest request, SafeFileHandle? descriptor)
    {
        Send(request, ContractsJson.Default.AgentRequest, descriptor);
        return Receive(ContractsJson.Default.AgentResponse, out var unexpected) is { } response && unexpected is null
            ? response
            : throw new IOException("the agent closed the connection without an answer");
    }

    /// <summary>Sends one message.</summary>
    public void Send<T>(T message, JsonTypeInfo<T> type, SafeFileHandle? descriptor = null)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, type);
        var frame = new byte[LengthBytes + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, json.Length);
        json.CopyTo(frame.AsSpan(LengthBytes));
        var sent = 0;
        while (sent < frame.Length)
        {
            sent += UnixSocket.Send(socket, frame.AsSpan(sent), sent == 0 ? descriptor : null);
        }
    }

    /// <summary>Receives one message, or null when the other end closed first; the caller owns the descriptor.</summary>
    /// <exception cref="IOException">The message is cut off, too long, or took too long.</exception>
    /// <exception cref="JsonException">The message is not what was expected.</exception>
    public T? Receive<T>(JsonTypeInfo<T> type, out SafeFileHandle? descriptor)
        where T : class
    {
        var header = new byte[LengthBytes];
        var got = UnixSocket.Receive(socket, header, out descriptor);
        if (got == 0)
        {
            return null;
        }

        try
        {
            Fill(header.AsMemory(got));
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (length is <= 0 or > MaxMessage)
            {
                throw new IOException($"a message of {length} bytes is not between 1 and {MaxMessage}");
            }

            var json = new byte[length];
            Fill(json);
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("the message is null");
        }
        catch
        {
            descriptor?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Waits for the other end to close; false when it had not read all that was sent to it, as when its process was
    /// killed. The kernel tells the two apart: it resets a unix socket whose other end closes with data unread.
    /// </summary>
    public bool WasReadWhenClosed() => UnixSocket.IsClosedInOrder(socket);

    /// <inheritdoc/>
    public void Dispose() => owner.Dispose();

    private void Fill(Memory<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var got = UnixSocket.Receive(socket, buffer.Span, out var unexpected);
            unexpected?.Dispose();
            if (got == 0)
            {
                throw new IOException("the connection closed in the middle of a message");
            }

            buffer = buffer[got..];
        }
    }
}
