using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Probe;

/// <summary>One path to try.</summary>
/// <param name="Id">What its result is printed under.</param>
/// <param name="Kind">tcp, udp or dns.</param>
/// <param name="Denied">Whether it must not be answered.</param>
/// <param name="To">Where to.</param>
internal sealed record Attempt(string Id, string Kind, bool Denied, IPEndPoint To)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <exception cref="FormatException">It is not of the form ID=KIND:EXPECTED:ADDRESS:PORT.</exception>
    public static Attempt Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var parts = text[(equals + 1)..].Split(':', 3);
        return
            equals > 0
            && parts is [("tcp" or "udp" or "dns") and var kind, ("pass" or "deny") and var expected, var address]
            && IPEndPoint.TryParse(address, out var to)
            && to.Port > 0
            ? new Attempt(text[..equals], kind, expected == "deny", to)
            : throw new FormatException($"\"{text}\" is no ID=KIND:EXPECTED:ADDRESS:PORT");
    }

    /// <summary>Tries once; null when it was answered, else why not.</summary>
    public async Task<string?> OnceAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            using var socket = new Socket(
                To.AddressFamily,
                Kind == "tcp" ? SocketType.Stream : SocketType.Dgram,
                Kind == "tcp" ? ProtocolType.Tcp : ProtocolType.Udp
            );
            await socket.ConnectAsync(To, limit.Token);
            await socket.SendAsync(Kind == "dns" ? DnsQuery.Bytes : "GET / HTTP/1.0\r\n\r\n"u8.ToArray(), limit.Token);
            var answer = new byte[512];
            var got = await socket.ReceiveAsync(answer, limit.Token);
            return got == 0 ? "closed without an answer"
                : Kind == "dns" ? DnsQuery.Problem(answer.AsSpan(0, got))
                : Kind == "tcp"
                && !Encoding.ASCII.GetString(answer, 0, got).StartsWith("HTTP/1.", StringComparison.Ordinal)
                    ? "not the server answered"
                : null;
        }
        catch (OperationCanceledException)
        {
            return "no answer";
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "refused",
                SocketError.HostUnreachable => "host unreachable",
                SocketError.NetworkUnreachable => "network unreachable",
                SocketError.ConnectionReset => "reset",
                _ => e.SocketErrorCode.ToString(),
            };
        }
    }
}
