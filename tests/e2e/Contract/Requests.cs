using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>Requests as they are on the wire, for what our own client does not say.</summary>
internal static class Requests
{
    public const string Json = "application/json";
    public const string Yaml = "application/yaml";
    public const string MergePatch = "application/merge-patch+json";
    public const string ApplyPatch = "application/apply-patch+yaml";
    public const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";

    public static async Task<Answer> AskAsync(
        this HttpClient client,
        HttpMethod method,
        string path,
        string? body = null,
        string mediaType = Json,
        string accept = Json
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd(accept);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, JsonNode.Parse(text)!);
    }
}

internal sealed record Answer(HttpStatusCode Code, JsonNode Body)
{
    /// <summary>The body, after making sure that the request succeeded.</summary>
    public JsonNode Succeeded()
    {
        Assert.True((int)Code < 300, Body.ToJsonString());
        return Body;
    }

    /// <summary>What the server says is wrong with an object, each field's fault a text.</summary>
    public IReadOnlyList<string> Refused()
    {
        Assert.True(Code == HttpStatusCode.UnprocessableEntity, Body.ToJsonString());
        return [.. Body["details"]!["causes"]!.AsArray().Select(cause => cause!["message"]!.GetValue<string>())];
    }
}
