using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Weft.Tests.Unit.ApiServer.Contract;

/// <summary>
/// Sends recorded requests. Uids, resourceVersions and continue tokens of the recording are replaced by those that this
/// server gave at the same place of its answers.
/// </summary>
internal sealed partial class Replay(HttpClient client)
{
    private readonly Dictionary<string, string> names = [];
    private readonly SortedDictionary<long, long> versions = [];

    public async Task<(int Status, string? Type, JsonNode? Body)> SendAsync(RecordedExchange recorded)
    {
        using var request = new HttpRequestMessage(new(recorded.Method), Translated(recorded.Path));
        request.Headers.TryAddWithoutValidation("Accept", recorded.Accept);
        request.Headers.UserAgent.Clear();
        request.Headers.TryAddWithoutValidation("User-Agent", recorded.UserAgent ?? "raw");
        if (recorded.Request is not null)
        {
            // Protobuf was recorded as text.
            var text =
                recorded.ContentType?.Contains("protobuf", StringComparison.Ordinal) == true
                    ? (string)recorded.Request!
                    : Translated(recorded.Request).ToJsonString();
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(
                recorded.ContentType ?? "application/json"
            );
        }

        using var response = await client.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken
        );
        var body =
            recorded.IsWatch && response.IsSuccessStatusCode
                ? await EventsAsync(recorded, response)
                : Parsed(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Learn(recorded.Response, body);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), body);
    }

    /// <summary>As many events as were recorded; those that the watch's own end brings it waits for.</summary>
    private static async Task<JsonNode?> EventsAsync(RecordedExchange recorded, HttpResponseMessage response)
    {
        var ends = ShortTimeout().IsMatch(recorded.Path);
        var expected = recorded.Response switch
        {
            JsonArray events => events.Count,
            JsonObject => 1,
            JsonValue text => ((string)text!).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length,
            _ => 0,
        };
        var lines = new JsonArray();
        using var reader = new StreamReader(
            await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)
        );
        while (
            (ends || lines.Count < expected)
            && await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line
        )
        {
            lines.Add(JsonNode.Parse(line));
        }

        return lines.Count == 0 ? null
            : lines.Count == 1 ? lines[0]!.DeepClone()
            : lines;
    }

    private string Translated(string path)
    {
        path = Version()
            .Replace(
                path,
                match =>
                    $"{match.Groups[1].Value}{Translated(long.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture))}"
            );
        foreach (var (recorded, own) in names)
        {
            path = path.Replace(recorded, own, StringComparison.Ordinal);
        }

        // The recorder waited for what is there at once.
        return path.Replace("timeoutSeconds=2", "timeoutSeconds=1", StringComparison.Ordinal)
            .Replace("timeoutSeconds=4", "timeoutSeconds=3", StringComparison.Ordinal);
    }

    private JsonNode Translated(JsonNode request)
    {
        var copy = request.DeepClone();
        Walk(copy);
        return copy;

        void Walk(JsonNode? node)
        {
            if (node is JsonObject fields)
            {
                foreach (var (name, value) in fields.ToList())
                {
                    if (value is JsonValue text && text.TryGetValue<string>(out var s))
                    {
                        fields[name] =
                            (name == "resourceVersion" || name == "value" && IsVersion(fields))
                            && long.TryParse(s, out var version)
                                ? $"{Translated(version)}"
                            : names.TryGetValue(s, out var own) ? own
                            : s;
                    }
                    else
                    {
                        Walk(value);
                    }
                }
            }
            else if (node is JsonArray items)
            {
                foreach (var item in items)
                {
                    Walk(item);
                }
            }
        }
    }

    /// <summary>JSON Patch names the field beside its value.</summary>
    private static bool IsVersion(JsonObject operation) => (string?)operation["path"] == "/metadata/resourceVersion";

    /// <summary>Versions between two that are known (of writes that were not recorded) are the lower one.</summary>
    private long Translated(long version) =>
        versions.Count == 0 || version <= versions.Keys.First() || version > 2 * versions.Keys.Last() ? version
        : versions.TryGetValue(version, out var own) ? own
        : versions.Last(known => known.Key < version).Value;

    private void Learn(JsonNode? recorded, JsonNode? own)
    {
        switch (recorded, own)
        {
            case (JsonObject left, JsonObject right):
                foreach (var (name, value) in left)
                {
                    if (name is "uid" or "continue" && value is not null && right[name] is not null)
                    {
                        names[(string)value!] = (string)right[name]!;
                    }
                    else if (
                        name == "resourceVersion"
                        && long.TryParse((string?)value, out var version)
                        && long.TryParse((string?)right[name], out var mine)
                    )
                    {
                        versions[version] = mine;
                    }
                    else
                    {
                        Learn(value, right[name]);
                    }
                }

                break;
            case (JsonArray left, JsonArray right) when left.Count == right.Count:
                foreach (var (one, other) in left.Zip(right))
                {
                    Learn(one, other);
                }

                break;
        }
    }

    private static JsonNode? Parsed(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return text;
        }
    }

    [GeneratedRegex("(resourceVersion=)([0-9]+)")]
    private static partial Regex Version();

    [GeneratedRegex("timeoutSeconds=([0-9])(&|$)")]
    private static partial Regex ShortTimeout();
}
