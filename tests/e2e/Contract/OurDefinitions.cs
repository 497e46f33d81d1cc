using System.Text.Json.Nodes;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;
using Weft.Resources.Definitions;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>The CustomResourceDefinitions of Weft's kinds on a server.</summary>
internal static class OurDefinitions
{
    private const string Path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    /// <summary>Applies all of them as the operator does, waits until their objects can be, and returns them.</summary>
    public static async Task<IReadOnlyList<JsonNode>> InstallAsync(ControlPlane cluster)
    {
        using var client = new KubernetesClient(ClusterConnection.FromKubeconfig(cluster.Kubeconfig));
        var cancellation = TestContext.Current.CancellationToken;
        List<JsonNode> installed = [];
        foreach (var definition in CustomResources.All)
        {
            await client.ApplyAsync(
                Kinds.CustomResourceDefinitions,
                definition,
                WeftGroup.OperatorManager,
                force: true,
                cancellation
            );
            JsonNode applied;
            do
            {
                applied = (
                    await cluster.Client.AskAsync(HttpMethod.Get, $"{Path}/{definition.Metadata.Name}")
                ).Succeeded();
            } while (applied.ConditionStatus("Established") != "True");

            installed.Add(applied);
        }

        return installed;
    }

    /// <summary>The status of a condition; null when it was never written.</summary>
    public static string? ConditionStatus(this JsonNode obj, string type) =>
        obj["status"]
            ?["conditions"]?.AsArray()
            .SingleOrDefault(condition => condition!["type"]!.GetValue<string>() == type)
            ?["status"]!.GetValue<string>();

    /// <summary>The messages of all CEL rules below a node of a schema.</summary>
    public static IEnumerable<string> RuleMessages(JsonNode? node) =>
        node switch
        {
            JsonObject schema => schema.SelectMany(property =>
                property.Key == "x-kubernetes-validations"
                    ? property.Value!.AsArray().Select(rule => rule!["message"]!.GetValue<string>())
                    : RuleMessages(property.Value)
            ),
            JsonArray list => list.SelectMany(RuleMessages),
            _ => [],
        };
}
