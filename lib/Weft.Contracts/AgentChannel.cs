using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Win32.SafeHandles;

namespace Weft.Contracts;

/// <summary>What became of an answer.</summary>
public enum Acknowledgement
{
    /// <summary>It has arrived.</summary>
    Given,

    /// <summary>The other end closed, or its process ended, without a word.</summary>
    Denied,

    /// <summary>Nothing was heard in the time given; the other end is still there.</summary>
    Outstanding,
}

/// <summary>
/// One end of a connection between the agent and a client, over a unix stream socket. A message is a 4-byte
/// little-endian length and that many bytes of JSON. A request may carry one file descriptor (SCM_RIGHTS) with its
/// first byte: the pod's network namespace, which the agent could not always open by its path. The plugin acknowledges
/// the answer to an ADD by one more byte, once it has handed the result on.
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
    public void Send<T>(T message, JsonTypeInfo<T> type, SafeFileHandle? descriptor = null) =>
        Send(JsonSerializer.SerializeToUtf8Bytes(message, type), descriptor);

    /// <summary>Sends one message that is JSON already.</summary>
    public void Send(ReadOnlySpan<byte> json, SafeFileHandle? descriptor = null)
    {
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
        if (Receive(out descriptor) is not { } json)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("the message is null");
        }
        catch
        {
            descriptor?.Dispose();
            throw;
        }
    }

    /// <summary>Receives one message as JSON, or null when the other end closed first; the caller owns the descriptor.</summary>
    /// <exception cref="IOException">The message is cut off, too long, or took too long.</exception>
    public byte[]? Receive(out SafeFileHandle? descriptor)
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
            return json;
        }
        catch
        {
            descriptor?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Says that the answer has reached whom it is for. Never waits, and never fails: with the agent gone there is
    /// nobody to tell.
    /// </summary>
    public void Acknowledge() => UnixSocket.TrySendByte(socket);

    /// <summary>Waits for <see cref="Acknowledge"/> at the other end, or for the end of the connection.</summary>
    public Acknowledgement AwaitAcknowledgement(TimeSpan patience)
    {
        UnixSocket.SetTimeout(socket, patience);
        return UnixSocket.ReceiveByte(socket);
    }

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
