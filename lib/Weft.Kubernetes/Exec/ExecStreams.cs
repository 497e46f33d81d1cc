using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes.Exec;

/// <summary>
/// The messages of the subprotocol v5.channel.k8s.io: each begins with the number of its stream, and the last one on the
/// stream for errors is a Status with the command's end.
/// </summary>
internal sealed class ExecStreams
{
    public const string Protocol = "v5.channel.k8s.io";

    private const int StandardOutput = 1;
    private const int StandardError = 2;
    private const int End = 3;
    private const int MostOutput = 64 << 20;

    private readonly ArrayBufferWriter<byte> output = new();
    private readonly ArrayBufferWriter<byte> error = new();
    private readonly ArrayBufferWriter<byte> end = new();

    /// <summary>Reads until the server closes.</summary>
    /// <exception cref="KubernetesException">The command could not be run, or says more than is reasonable.</exception>
    public static async Task<ExecOutput> ReadAsync(WebSocket socket, CancellationToken cancellation)
    {
        var streams = new ExecStreams();
        var buffer = new byte[1 << 16];
        var filled = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(filled), cancellation);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return streams.Result();
            }

            filled += received.Count;
            if (received.EndOfMessage)
            {
                streams.Take(buffer.AsSpan(0, filled));
                filled = 0;
            }
            else if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    /// <summary>One message.</summary>
    internal void Take(ReadOnlySpan<byte> message)
    {
        if (message.Length == 0)
        {
            return;
        }

        var stream = message[0] switch
        {
            StandardOutput => output,
            StandardError => error,
            End => end,
            _ => null,
        };
        stream?.Write(message[1..]);
        if (stream?.WrittenCount > MostOutput)
        {
            throw new KubernetesException($"a command in a container wrote more than {MostOutput} bytes");
        }
    }

    /// <summary>What was said, once all is.</summary>
    internal ExecOutput Result()
    {
        if (end.WrittenCount == 0)
        {
            throw new KubernetesException("the connection to a container ended before its command did");
        }

        Status status;
        try
        {
            status = JsonSerializer.Deserialize(end.WrittenSpan, ObjectsJson.Default.Status)!;
        }
        catch (JsonException e)
        {
            throw new KubernetesException($"the end of a command in a container cannot be read: {e.Message}", e);
        }

        var code = status.Result == "Success" ? "0" : Cause(status);
        return int.TryParse(code, NumberStyles.Integer, CultureInfo.InvariantCulture, out var exitCode)
            ? new ExecOutput(exitCode, Text(output), Text(error))
            : throw new KubernetesException($"a command in a container could not be run: {status.Message}");
    }

    private static string? Cause(Status status) =>
        status.Details?.Causes?.FirstOrDefault(cause => cause.Reason == "ExitCode")?.Message;

    private static string Text(ArrayBufferWriter<byte> stream) => Encoding.UTF8.GetString(stream.WrittenSpan);
}
