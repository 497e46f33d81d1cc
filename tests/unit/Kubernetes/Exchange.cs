using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Weft.Tests.Unit.Kubernetes;

/// <summary>One request, and the means to answer it well or badly.</summary>
internal sealed class Exchange
{
    private readonly TcpClient client;
    private readonly Stream stream;

    private Exchange(TcpClient client, Stream stream) => (this.client, this.stream) = (client, stream);

    public required string Method { get; init; }
    public required string Target { get; init; }
    public required IReadOnlyDictionary<string, string> Headers { get; init; }
    public required string Body { get; init; }
    public X509Certificate? Peer { get; private init; }

    public string Path => Target.Split('?')[0];

    public bool IsWatch => Query("watch") == "true";

    public string? Query(string name) =>
        Target
            .Split('?')
            .Skip(1)
            .SelectMany(query => query.Split('&'))
            .Where(pair => pair.StartsWith(name + "=", StringComparison.Ordinal))
            .Select(pair => Uri.UnescapeDataString(pair[(name.Length + 1)..]))
            .FirstOrDefault();

    /// <summary>A whole answer.</summary>
    public Task AnswerAsync(int status, string json, params string[] headers)
    {
        var extra = string.Concat(headers.Select(header => header + "\r\n"));
        return WriteAsync(
            $"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\n{extra}"
                + $"Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}"
        );
    }

    /// <summary>A Status, as the API server gives it.</summary>
    public Task RefuseAsync(int code, string reason, string message = "no", params string[] headers) =>
        AnswerAsync(code, StatusJson(code, reason, message), headers);

    /// <summary>Begins an answer whose length is not known.</summary>
    public Task BeginAsync() =>
        WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");

    /// <summary>A piece of it.</summary>
    public Task SendAsync(string text) =>
        WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n"));

    /// <summary>The proper end of it.</summary>
    public Task EndAsync() => WriteAsync("0\r\n\r\n");

    /// <summary>Cuts the connection with a reset.</summary>
    public void Cut()
    {
        client.Client.LingerState = new LingerOption(true, 0);
        client.Client.Close();
        throw new IOException("cut");
    }

    public static string StatusJson(int code, string reason, string message = "no") =>
        $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{code}}}""";

    internal static async Task<Exchange?> ReadAsync(
        TcpClient client,
        Stream stream,
        X509Certificate? peer,
        CancellationToken cancellation
    )
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!(head is [.., 13, 10, 13, 10]))
        {
            if (await stream.ReadAsync(one, cancellation) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines
            .Skip(1)
            .Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[
            headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0
        ];
        await stream.ReadExactlyAsync(body, cancellation);
        var first = lines[0].Split(' ');
        return new Exchange(client, stream)
        {
            Method = first[0],
            Target = first[1],
            Headers = headers,
            Body = Encoding.UTF8.GetString(body),
            Peer = peer,
        };
    }

    private Task WriteAsync(string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();
}
