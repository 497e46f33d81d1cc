using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.OpenApi;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Tests.Unit.ApiServer;

public sealed class OpenApiTests
{
    private static readonly OpenApiKind Pod = new("", "v1", "Pod", "pods", true, KindSchema.OfBuiltIn("v1", "Pod"));
    private static readonly OpenApiKind Definition = new(
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        false,
        KindSchema.OfBuiltIn("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    );
    private static readonly OpenApiKind Pool = new(
        "example.dev",
        "v1alpha1",
        "Pool",
        "pools",
        false,
        ServerSideApplyTests.Pool
    );

    [Fact]
    public void A_kind_is_found_by_its_group_version_and_kind()
    {
        var pod = OpenApiDocument.V3([Pod])["components"]!["schemas"]!["io.k8s.api.core.v1.Pod"]!;
        Exchange.AssertSame(
            JsonNode.Parse("""[{"group":"","version":"v1","kind":"Pod"}]"""),
            pod["x-kubernetes-group-version-kind"]
        );
        Assert.Equal(
            "#/components/schemas/io.k8s.api.core.v1.PodSpec",
            (string?)pod["properties"]!["spec"]!["allOf"]![0]!["$ref"]
        );
    }

    [Fact]
    public void Lists_say_how_they_are_merged()
    {
        var containers = OpenApiDocument.V3([Pod])["components"]!["schemas"]!["io.k8s.api.core.v1.PodSpec"]![
            "properties"
        ]!["containers"]!;
        Assert.Equal("merge", (string?)containers["x-kubernetes-patch-strategy"]);
        Assert.Equal("name", (string?)containers["x-kubernetes-patch-merge-key"]);
        Assert.Equal("map", (string?)containers["x-kubernetes-list-type"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_reference_is_there(bool v3)
    {
        OpenApiKind[] kinds = [Pod, Definition, Pool];
        var document = v3 ? OpenApiDocument.V3(kinds) : OpenApiDocument.V2(kinds);
        var references = References(document).Distinct().ToArray();
        Assert.True(references.Length > 100);
        foreach (var reference in references)
        {
            JsonNode? node = document;
            foreach (var name in reference[2..].Split('/'))
            {
                node = node?[name];
            }
            Assert.NotNull(node);
        }
    }

    [Fact]
    public void kubectl_sees_that_fields_are_validated_by_the_server()
    {
        var patch = OpenApiDocument.V3([Pod])["paths"]!["/api/v1/namespaces/{namespace}/pods/{name}"]!["patch"]!;
        Assert.Contains("fieldValidation", patch["parameters"]!.AsArray().Select(p => (string?)p!["name"]));
        Assert.Equal("Pod", (string?)patch["x-kubernetes-group-version-kind"]!["kind"]);
    }

    [Fact]
    public void A_custom_resource_shows_its_schema()
    {
        var schemas = OpenApiDocument.V3([Pool])["components"]!["schemas"]!;
        var spec = schemas["dev.example.v1alpha1.Pool"]!["properties"]!["spec"]!;
        Assert.Equal("43", spec["properties"]!["cidr"]!["maxLength"]!.ToJsonString());
        Assert.Equal(24, (int?)spec["properties"]!["size"]!["default"]);
        Assert.NotNull(schemas["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]);
    }

    [Fact]
    public void The_index_names_a_document_by_its_content()
    {
        var document = OpenApiDocument.V3([Pod]);
        var index = OpenApiDocument.Index([KeyValuePair.Create("api/v1", document)]);
        Assert.Equal(
            $"/openapi/v3/api/v1?hash={OpenApiDocument.Hash(OpenApiDocument.V3([Pod]))}",
            (string?)index["paths"]!["api/v1"]!["serverRelativeURL"]
        );
    }

    private static IEnumerable<string> References(JsonNode? node) =>
        node switch
        {
            JsonObject o => o.SelectMany(m =>
                m.Key == "$ref" && m.Value is JsonValue v && v.TryGetValue(out string? reference)
                    ? [reference]
                    : References(m.Value)
            ),
            JsonArray a => a.SelectMany(References),
            _ => [],
        };
}
