using System.Text;

namespace Weft.Metrics;

/// <summary>An answer by HTTP/1.1.</summary>
/// <param name="Status">Code and reason, as "200 OK" (RFC 9112, section 4).</param>
/// <param name="Headers">Headers but those of length and connection.</param>
/// <param name="Body">Body.</param>
public sealed record HttpAnswer(string Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    /// <summary>It went well.</summary>
    public const string Ok = "200 OK";

    /// <summary>Not now.</summary>
    public const string Unavailable = "503 Service Unavailable";

    /// <summary>A text of that media type.</summary>
    public static HttpAnswer Text(string status, string mediaType, string body) =>
        new(status, [("Content-Type", mediaType)], Encoding.UTF8.GetBytes(body));

    /// <summary>As it is sent: the connection ends with it.</summary>
    internal byte[] ToBytes()
    {
        var head = new StringBuilder($"HTTP/1.1 {Status}\r\n");
        foreach (var (name, value) in Headers)
        {
            head.Append($"{name}: {value}\r\n");
        }

        head.Append($"Content-Length: {Body.Length}\r\nConnection: close\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head.ToString()), .. Body];
    }
}
