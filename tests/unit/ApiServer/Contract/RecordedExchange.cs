using System.IO.Compression;
using System.Text.Json.Nodes;

namespace Weft.Tests.Unit.ApiServer.Contract;

/// <summary>A request and what a real kube-apiserver answered.</summary>
internal sealed record RecordedExchange(
    int Number,
    string Step,
    string Method,
    string Path,
    string? Accept,
    string? ContentType,
    string? UserAgent,
    JsonNode? Request,
    int Status,
    string? ResponseType,
    JsonNode? Response
)
{
    public bool IsWatch => Path.Contains("watch=", StringComparison.Ordinal);

    public static IReadOnlyList<RecordedExchange> All { get; } = [.. Read()];

    private static IEnumerable<RecordedExchange> Read()
    {
        using var stream = typeof(RecordedExchange).Assembly.GetManifestResourceStream("recorded.jsonl.gz")!;
        using var reader = new StreamReader(new GZipStream(stream, CompressionMode.Decompress));
        for (var number = 0; reader.ReadLine() is { } line; number++)
        {
            var row = JsonNode.Parse(line)!;
            yield return new(
                number,
                (string)row["step"]!,
                (string)row["method"]!,
                (string)row["path"]!,
                (string?)row["accept"],
                (string?)row["contentType"],
                (string?)row["userAgent"],
                row["request"],
                (int)row["status"]!,
                (string?)row["responseType"],
                row["response"]
            );
        }
    }
}
