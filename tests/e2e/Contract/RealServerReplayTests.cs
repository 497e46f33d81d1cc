using System.Text;
using Weft.Tests.Unit.ApiServer.Contract;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>
/// The recorded exchanges of a real server, replayed on a real server: the comparison that the lab's server is held
/// against finds nothing where there is nothing, and what it finds here is no fault of the lab's.
/// </summary>
public sealed class RealServerReplayTests
{
    /// <summary>Answers that a real server cannot give again, by what is missing.</summary>
    private static readonly Dictionary<string, int[]> Unrepeatable = new()
    {
        ["the recording has only the groups that are used in it"] = [2, 89],
        ["controllers and their service account had written to pods and deployments"] =
        [
            .. (int[])[18, 21, 30, 31, 33, 34, 35, 39, 40, 42, 43, 45, 46, 48, 49, 61],
            .. (int[])[124, 127, 128, 130, 132, 136, 140, 201],
        ],
        ["the recording lost items of these lists"] = [37, 125, 158, 159],
        ["a version inside of a JSON patch is the recorded one, and its conflict changes the owners after it"] =
        [
            .. (int[])[100, 101, 104, 106, 109, 110, 112, 113, 115],
        ],
        ["owners within one second are in the order of their names"] = [149, 166, 167, 168, 172],
        ["a definition is gone a moment later"] = [150],
        ["a watch of one second has no time for a bookmark"] = [165],
        ["the history is this server's own"] = [169],
        ["open watches without an end, while kubectl deleted what they watched"] = [138, 139, 143],
    };

    [Fact]
    public async Task A_real_server_answers_as_recorded_what_can_be_repeated()
    {
        await using var server = new RealServer();
        server.SkipUnlessThere();
        await server.InitializeAsync();
        var replay = new Replay(server.Client);
        var report = new StringBuilder();
        foreach (var recorded in RecordedExchange.All.Except(RecordedExchange.All.Where(HasNoEnd)))
        {
            await OtherWriters.WriteBeforeAsync(recorded.Number, server.Client);
            var (status, _, body) = await replay.SendAsync(recorded);
            if (!CanBeRepeated(recorded))
            {
                continue;
            }

            var differences =
                status == recorded.Status
                    ? Difference.Of(recorded.Response, body)
                    : [$"status {recorded.Status} -> {status} {body?.ToJsonString()}"];
            if (differences.Count > 0)
            {
                report.AppendLine($"{recorded.Number} {recorded.Step}: {recorded.Method} {recorded.Path}");
                report.AppendLine($"  {string.Join("\n  ", differences.Take(8))}");
            }
        }

        Assert.True(report.Length == 0, report.ToString());
    }

    private static bool HasNoEnd(RecordedExchange recorded) => recorded.Number is 138 or 139 or 143;

    /// <summary>Neither the build's own words, nor documents that were left out, nor an ETag of another server.</summary>
    private static bool CanBeRepeated(RecordedExchange recorded) =>
        !recorded.Path.StartsWith("/version", StringComparison.Ordinal)
        && !recorded.Path.StartsWith("/openapi", StringComparison.Ordinal)
        && recorded.Status != 304
        && recorded.ResponseType?.Contains("protobuf", StringComparison.Ordinal) != true
        && !Unrepeatable.Values.Any(numbers => numbers.Contains(recorded.Number));
}
