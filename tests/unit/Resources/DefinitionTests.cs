using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Weft.Kubernetes.Objects;
using Weft.Resources;
using Weft.Resources.Definitions;

namespace Weft.Tests.Unit.Resources;

/// <summary>The definitions say what the C# records have, and the chart says what the definitions do.</summary>
public sealed class DefinitionTests
{
    private static readonly Dictionary<string, JsonTypeInfo> Records = new()
    {
        ["WeftNode"] = ResourcesJson.Default.WeftNode,
        ["WeftIdentity"] = ResourcesJson.Default.WeftIdentity,
        ["WeftEndpointSlice"] = ResourcesJson.Default.WeftEndpointSlice,
        ["WeftIPPool"] = ResourcesJson.Default.WeftIPPool,
        ["WeftLoadBalancerPool"] = ResourcesJson.Default.WeftLoadBalancerPool,
    };

    public static TheoryData<string> Kinds => [.. CustomResources.All.Select(definition => definition.Spec.Names.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_schema_has_the_properties_of_its_record_and_no_other(string kind) =>
        Compare(kind, SchemaOf(kind), Records[kind]);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Everything_has_a_bound_and_a_description(string kind) =>
        Each(
            kind,
            SchemaOf(kind),
            (path, schema) =>
            {
                var bound = Text(schema, "type") switch
                {
                    "string" when !schema.TryGetProperty("enum", out _) && !schema.TryGetProperty("format", out _) =>
                        "maxLength",
                    "array" => "maxItems",
                    "object" when schema.TryGetProperty("additionalProperties", out _) => "maxProperties",
                    "integer" => "minimum",
                    _ => "type",
                };
                Assert.True(schema.TryGetProperty(bound, out _), $"{path} has no {bound}");
                Assert.True(schema.TryGetProperty("description", out _), $"{path} has no description");
            }
        );

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_list_says_how_it_is_merged(string kind) =>
        Each(
            kind,
            SchemaOf(kind),
            (path, schema) =>
                Assert.True(
                    Text(schema, "type") != "array" || schema.TryGetProperty("x-kubernetes-list-type", out _),
                    $"{path} has no x-kubernetes-list-type"
                )
        );

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_charts_file_is_what_the_operator_applies(string kind)
    {
        var definition = CustomResources.All.Single(definition => definition.Spec.Names.Kind == kind);
        Assert.Equal(
            CustomResources.ToYaml(definition),
            Repository.Read($"charts/weft/crds/{definition.Metadata.Name}.yaml")
        );
    }

    [Fact]
    public void The_chart_has_no_other_definitions() =>
        Assert.Equal(
            CustomResources.All.Select(definition => $"charts/weft/crds/{definition.Metadata.Name}.yaml"),
            Repository.Files("*.weft.dev.yaml")
        );

    [Fact]
    public void Short_names_are_told_apart() =>
        Assert.Distinct(CustomResources.All.SelectMany(definition => definition.Spec.Names.ShortNames!));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Age_is_the_last_column(string kind)
    {
        var definition = CustomResources.All.Single(definition => definition.Spec.Names.Kind == kind);
        Assert.Equal("Age", definition.Spec.Versions[0].AdditionalPrinterColumns![^1].Name);
    }

    [Fact]
    public void A_definition_says_the_group_and_plural_that_requests_go_to() =>
        Assert.Equal(
            [
                "weftendpointslices.weft.dev",
                "weftidentities.weft.dev",
                "weftippools.weft.dev",
                "weftloadbalancerpools.weft.dev",
                "weftnodes.weft.dev",
            ],
            CustomResources.All.Select(definition => $"{definition.Spec.Names.Plural}.{definition.Spec.Group}")
        );

    private static JsonElement SchemaOf(string kind) =>
        CustomResources
            .All.Single(definition => definition.Spec.Names.Kind == kind)
            .Spec.Versions[0]
            .Schema!.OpenAPIV3Schema!.Value;

    private static void Compare(string path, JsonElement schema, JsonTypeInfo record)
    {
        if (!schema.TryGetProperty("properties", out var properties))
        {
            return;
        }

        Assert.Equal(
            record.Properties.Select(property => property.Name).Order(),
            properties.EnumerateObject().Select(property => property.Name).Order()
        );
        var required = schema.TryGetProperty("required", out var names)
            ? names.EnumerateArray().Select(name => name.GetString()!).ToList()
            : [];
        foreach (var property in record.Properties)
        {
            var below = $"{path}.{property.Name}";
            if (property.Name == "metadata")
            {
                continue;
            }

            // The server's own, and what a condition has from it, need not be sent by everybody.
            Assert.True(
                !property.IsRequired || required.Contains(property.Name),
                $"{below} is required by the record and not by the schema"
            );
            var inner = properties.GetProperty(property.Name);
            if (inner.TryGetProperty("items", out var items))
            {
                Compare(below, items, TypeOf(property.PropertyType.GetGenericArguments()[0]));
            }
            else if (property.PropertyType.IsClass && property.PropertyType != typeof(string))
            {
                Compare(below, inner, TypeOf(property.PropertyType));
            }
        }
    }

    private static JsonTypeInfo TypeOf(Type type) =>
        ResourcesJson.Default.GetTypeInfo(type) ?? throw new InvalidOperationException($"{type} has no JSON");

    private static void Each(string path, JsonElement schema, Action<string, JsonElement> check)
    {
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (
                    path.Contains('.', StringComparison.Ordinal)
                    || property.Name is not ("apiVersion" or "kind" or "metadata")
                )
                {
                    check($"{path}.{property.Name}", property.Value);
                    Each($"{path}.{property.Name}", property.Value, check);
                }
            }
        }

        if (schema.TryGetProperty("items", out var items))
        {
            check($"{path}[]", items);
            Each($"{path}[]", items, check);
        }
    }

    private static string? Text(JsonElement schema, string key) =>
        schema.TryGetProperty(key, out var value) ? value.GetString() : null;
}
