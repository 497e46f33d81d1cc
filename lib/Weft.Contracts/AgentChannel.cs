using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Win32.SafeHandles;

namespace Weft.Contracts;

/// <summary>
/// One end of a connection between the agent and a client, over a unix stream socket. A message is a 4-byte
/// little-endian length and that many bytes of JSON. A request may carry one file descriptor (SCM_RIGHTS) with its
/// first byte: the pod's network namespace, which the agent could not always open by its path.
/// </summary>
public sealed class AgentChannel(Socket socket) : IDisposable
{
    /// <summary>Longest message, in bytes. A GC of 50,000 attachments fits.</summary>
    public const int MaxMessage = 16 << 20;

    private const int LengthBytes = 4;

    /// <summary>Connects to the agent at <paramref name="path"/>; <paramref name="timeout"/> bounds every wait.</summary>
    /// <exception cref="SocketException">Nothing listens there.</exception>
    public static AgentChannel Connect(string path, TimeSpan timeout)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Before connecting: with the agent's backlog full, connect(2) waits too.
            SetTimeout(socket, timeout);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new AgentChannel(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The server's end of an accepted connection; <paramref name="timeout"/> bounds every wait.</summary>
    public static AgentChannel Accepted(Socket socket, TimeSpan timeout)
    {
        SetTimeout(socket, timeout);
        return new AgentChannel(socket);
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
        var sent = descriptor is null ? 0 : DescriptorMessage.Send(socket.SafeHandle, frame, descriptor);
        while (sent < frame.Length)
        {
            sent += Wrap(() => socket.Send(frame.AsSpan(sent)));
        }
    }

    /// <summary>Receives one message, or null when the other end closed first; the caller owns the descriptor.</summary>
    /// <exception cref="IOException">The message is cut off, too long, or took too long.</exception>
    /// <exception cref="JsonException">The message is not what was expected.</exception>
    public T? Receive<T>(JsonTypeInfo<T> type, out SafeFileHandle? descriptor)
        where T : class
    {
        var header = new byte[LengthBytes];
        var got = DescriptorMessage.Receive(socket.SafeHandle, header, out descriptor);
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
    public bool WasReadWhenClosed()
    {
        socket.Receive(new byte[1], SocketFlags.None, out var error);
        return error != SocketError.ConnectionReset;
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private static void SetTimeout(Socket socket, TimeSpan timeout)
    {
        socket.SendTimeout = (int)timeout.TotalMilliseconds;
        socket.ReceiveTimeout = (int)timeout.TotalMilliseconds;
    }

    private static int Wrap(Func<int> call)
    {
        try
        {
            return call();
        }
        catch (SocketException e)
        {
            throw new IOException($"the agent's socket: {e.Message}", e);
        }
    }

    private void Fill(Memory<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var rest = buffer;
            var got = Wrap(() => socket.Receive(rest.Span));
            if (got == 0)
            {
                throw new IOException("the connection closed in the middle of a message");
            }

            buffer = buffer[got..];
        }
    }
}
