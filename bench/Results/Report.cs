using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weft.Bench.Results;

/// <summary>Where a run was made: numbers of different machines do not compare.</summary>
/// <param name="LoadBefore">The load average of one minute when the run began: what else was going on.</param>
internal sealed record Machine(string Kernel, string Processor, int Cores, string PinnedTo, double LoadBefore)
{
    public static Machine Here(Cores pinned) =>
        new(
            File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
                ?.Split(": ")[1]
                ?? "unknown",
            Environment.ProcessorCount,
            pinned.ToString(),
            double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture)
        );
}

/// <summary>All that a run has found.</summary>
internal sealed record Report(
    DateTime Taken,
    Machine Machine,
    IReadOnlyList<Comparison> Comparisons,
    IReadOnlyList<Quantity> Quantities,
    IReadOnlyList<ProgramCost> Programs,
    IReadOnlyList<Requirement> Requirements
)
{
    public string Save(string directory)
    {
        Directory.CreateDirectory(directory);
        var name = Taken.ToString("yyyy-MM-dd'T'HH-mm-ss'Z'", CultureInfo.InvariantCulture);
        var path = Path.Combine(directory, $"{name}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(this, ReportJson.Default.Report) + "\n");
        return path;
    }

    /// <exception cref="BenchException">It is no report.</exception>
    public static Report Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), ReportJson.Default.Report)
                ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new BenchException($"{path} is not the file of an earlier run: {e.Message}");
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true
)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
