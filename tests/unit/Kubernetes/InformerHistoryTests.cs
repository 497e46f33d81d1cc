using System.Globalization;
using System.Text.Json;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Kubernetes;

/// <summary>Whatever the server does, the cache ends as the server's state, and the changes raised lead there.</summary>
public sealed class InformerHistoryTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Changes_replay_to_the_servers_state(int seed)
    {
        var server = new ServerHistory(seed);
        var replay = new Dictionary<ObjectKey, ConfigMap>();
        var wrong = new List<string>();
        await using var run = new InformerRun(server.AnswerAsync);
        run.Informer.Changed += change => Replay(replay, change, wrong);
        run.Start(TestContext.Current.CancellationToken);

        while (!server.IsOver)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        server.Settle();
        await run.UntilAsync(server.Version.ToString(CultureInfo.InvariantCulture));

        Assert.Empty(wrong);
        var expected = server
            .State.Select(entry => (entry.Key, Version: VersionOf(entry.Value)))
            .OrderBy(entry => entry.Key, StringComparer.Ordinal);
        Assert.Equal(expected, Sorted(run.Informer.List()));
        Assert.Equal(expected, Sorted(replay.Values));
    }

    /// <summary>Each change must begin where the one before ended, and change something.</summary>
    private static void Replay(Dictionary<ObjectKey, ConfigMap> state, Change<ConfigMap> change, List<string> wrong)
    {
        var before = state.GetValueOrDefault(change.Key);
        if (!ReferenceEquals(before, change.Old))
        {
            wrong.Add($"{change.Key}: old is not what was new before");
        }

        if (change is { Old: { } old, New: { } now })
        {
            if (old.Metadata.Uid != now.Metadata.Uid)
            {
                wrong.Add($"{change.Key}: one object became another");
            }

            if (VersionOf(now) <= VersionOf(old))
            {
                wrong.Add($"{change.Key}: {VersionOf(old)} became {VersionOf(now)}");
            }
        }

        if (change.New is { } kept)
        {
            state[change.Key] = kept;
        }
        else
        {
            state.Remove(change.Key);
        }
    }

    private static IEnumerable<(string, long)> Sorted(IEnumerable<ConfigMap> objects) =>
        objects
            .Select(obj => (obj.Metadata.Name!, VersionOf(obj)))
            .OrderBy(entry => entry.Item1, StringComparer.Ordinal);

    private static long VersionOf(ConfigMap obj) =>
        long.Parse(obj.Metadata.ResourceVersion!, CultureInfo.InvariantCulture);

    private static long VersionOf(string json) => VersionOf(JsonSerializer.Deserialize(json, Kinds.ConfigMaps.Json)!);
}
