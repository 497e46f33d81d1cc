using System.Globalization;
using System.Text;

namespace Weft.Tests.Unit.ApiServer.Contract;

/// <summary>Every recorded exchange, in order, against the server.</summary>
public sealed class RecordedContractTests
{
    [Fact]
    public async Task Every_recorded_request_is_answered_as_a_real_server_does()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var replay = new Replay(server.Client);
        var report = new StringBuilder();
        var used = new HashSet<DeliberateDifferences.Rule>();
        foreach (var recorded in InOrder(RecordedExchange.All))
        {
            await OtherWriters.WriteBeforeAsync(recorded.Number, server.Client);
            var (status, _, body) = await replay.SendAsync(recorded);
            var differences =
                status != recorded.Status ? [$"status {recorded.Status} -> {status} {body?.ToJsonString()}"]
                : recorded.ResponseType?.Contains("protobuf", StringComparison.Ordinal) == true ? []
                : Difference.Of(recorded.Response, body);
            var unmeant = new List<string>();
            foreach (var difference in differences)
            {
                if (DeliberateDifferences.Find(recorded.Number, difference) is { } rule)
                {
                    used.Add(rule);
                }
                else
                {
                    unmeant.Add(difference);
                }
            }

            if (unmeant.Count > 0)
            {
                report.AppendLine(CultureInfo.InvariantCulture, $"{recorded.Number} {recorded.Method} {recorded.Path}");
                report.AppendLine(CultureInfo.InvariantCulture, $"  {string.Join("\n  ", unmeant)}");
            }
        }

        foreach (var rule in DeliberateDifferences.All.Except(used))
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"no answer differs because {rule.Reason}");
        }

        Assert.True(report.Length == 0, report.ToString());
    }

    /// <summary>Watches that were open while something was deleted were recorded before it; ours read it from history.</summary>
    private static IEnumerable<RecordedExchange> InOrder(IReadOnlyList<RecordedExchange> all) =>
        [.. all.Take(138), all[140], all[138], all[139], .. all.Skip(141)];
}
