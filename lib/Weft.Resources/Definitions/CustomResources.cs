using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Kubernetes.Objects;

namespace Weft.Resources.Definitions;

/// <summary>
/// The CustomResourceDefinitions of Weft's kinds: the only place that describes them. The operator applies them when it
/// starts, and the chart's YAML is printed from them.
/// </summary>
public static class CustomResources
{
    /// <summary>
    /// Counts changes of the schemas. An operator leaves definitions with a higher number alone, so that one of an older
    /// version that is started again during an upgrade takes nothing back.
    /// </summary>
    public const int SchemaVersion = 2;

    /// <summary>Label of a definition that carries <see cref="SchemaVersion"/>.</summary>
    public const string SchemaVersionLabel = $"{WeftGroup.Name}/schema-version";

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<CustomResourceDefinition> All { get; } =
    [
        EndpointSliceDefinition.Make(),
        IdentityDefinition.Make(),
        IPPoolDefinition.Make(),
        LoadBalancerPoolDefinition.Make(),
        NodeDefinition.Make(),
    ];

    /// <summary>A definition as YAML, for `kubectl apply` and the chart.</summary>
    public static string ToYaml(CustomResourceDefinition definition) =>
        Yaml.Write(JsonSerializer.SerializeToElement(definition, Kinds.CustomResourceDefinitions.Json));

    internal static CustomResourceDefinition Make<T>(
        Resource<T> resource,
        string shortName,
        JsonObject schema,
        bool status,
        params IReadOnlyList<CustomResourceColumnDefinition> columns
    )
        where T : class, IKubernetesObject =>
        new()
        {
            ApiVersion = Kinds.CustomResourceDefinitions.ApiVersion,
            Kind = Kinds.CustomResourceDefinitions.Kind,
            Metadata = new ObjectMeta
            {
                Name = $"{resource.Plural}.{resource.Group}",
                Labels = new Dictionary<string, string>
                {
                    ["app.kubernetes.io/part-of"] = "weft",
                    [SchemaVersionLabel] = $"{SchemaVersion}",
                },
            },
            Spec = new CustomResourceDefinitionSpec
            {
                Group = resource.Group,
                Scope = "Cluster",
                Names = new CustomResourceDefinitionNames
                {
                    Plural = resource.Plural,
                    Singular = resource.Kind.ToLowerInvariant(),
                    Kind = resource.Kind,
                    ListKind = $"{resource.Kind}List",
                    ShortNames = [shortName],
                    Categories = [WeftGroup.Category],
                },
                Versions =
                [
                    new CustomResourceDefinitionVersion
                    {
                        Name = resource.Version,
                        Served = true,
                        Storage = true,
                        Schema = new CustomResourceValidation { OpenAPIV3Schema = Element(schema) },
                        Subresources = status ? new CustomResourceSubresources { Status = Element([]) } : null,
                        AdditionalPrinterColumns = [.. columns, Column.Age],
                    },
                ],
            },
        };

    /// <summary>A kind's schema, with the properties that every object has.</summary>
    internal static JsonObject Root(string description, params IEnumerable<Property> properties) =>
        Schema.Object(
            description,
            [
                new Property("apiVersion", new JsonObject { ["type"] = "string" }),
                new Property("kind", new JsonObject { ["type"] = "string" }),
                new Property("metadata", new JsonObject { ["type"] = "object" }),
                .. properties,
            ]
        );

    private static JsonElement Element(JsonObject node) => JsonDocument.Parse(node.ToJsonString()).RootElement;
}
