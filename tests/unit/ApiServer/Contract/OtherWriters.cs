using System.Text.Json.Nodes;

namespace Weft.Tests.Unit.ApiServer.Contract;

/// <summary>What others wrote between the recorded requests, where an answer shows it.</summary>
internal static class OtherWriters
{
    private const string RootCa = "kube-root-ca.crt";

    private static readonly JsonObject Description = new()
    {
        ["kubernetes.io/description"] =
            "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
            + "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of "
            + "Kubernetes clusters.",
    };

    /// <summary>Writes what comes before the exchange of this number.</summary>
    public static async Task WriteBeforeAsync(int number, HttpClient server)
    {
        switch (number)
        {
            // The controller manager's bundle is in every namespace.
            case 11:
                await WriteAsync(
                    server,
                    "kube-controller-manager",
                    "POST",
                    "/api/v1/namespaces/demo/configmaps",
                    new()
                    {
                        ["metadata"] = new JsonObject { ["name"] = RootCa, ["annotations"] = Description.DeepClone() },
                        ["data"] = new JsonObject { ["ca.crt"] = "" },
                    }
                );
                break;
            // What the recorded watches saw.
            case 165:
                await WriteAsync(
                    server,
                    "curl",
                    "PATCH",
                    "/api/v1/namespaces/demo/configmaps/p0",
                    new() { ["data"] = new JsonObject { ["k"] = "w" } }
                );
                await WriteAsync(server, "curl", "DELETE", "/api/v1/namespaces/demo/configmaps/p1", null);
                break;
        }
    }

    private static async Task WriteAsync(HttpClient server, string agent, string method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(new(method), path);
        request.Headers.UserAgent.Clear();
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString());
            request.Content.Headers.ContentType = new(
                method == "PATCH" ? "application/merge-patch+json" : "application/json"
            );
        }

        using var response = await server.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {response.StatusCode}");
    }
}
