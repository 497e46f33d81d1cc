using System.IO.Compression;
using System.Text.Json;

namespace Weft.Tests.Unit.Policy;

/// <summary>One line of Cases/netpol.jsonl.gz.</summary>
internal sealed record SharedCase(string Name, int Step, string Line, IReadOnlyDictionary<string, string> Verdicts)
{
    public static IReadOnlyList<SharedCase> All { get; } = [.. Read()];

    public override string ToString() => $"{Name}, step {Step}";

    private static IEnumerable<SharedCase> Read()
    {
        using var resource = typeof(SharedCase).Assembly.GetManifestResourceStream("netpol.jsonl.gz")!;
        using var reader = new StreamReader(new GZipStream(resource, CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            yield return new SharedCase(
                json.RootElement.GetProperty("case").GetString()!,
                json.RootElement.GetProperty("step").GetInt32(),
                line,
                json.RootElement.GetProperty("verdicts")
                    .EnumerateObject()
                    .ToDictionary(v => v.Name, v => v.Value.GetString()!)
            );
        }
    }
}
