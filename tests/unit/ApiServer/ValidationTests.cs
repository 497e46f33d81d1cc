using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Defaults;
using Weft.Lab.ApiServer.Patches;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Tests.Unit.ApiServer;

/// <summary>Custom resources and their definitions.</summary>
public sealed class ValidationTests
{
    [Fact]
    public void A_broken_rule_is_reported_as_by_a_real_server()
    {
        var e = Exchange.Number(107);
        var patched = MergePatch.Apply(e.Before!, e.Body);
        RecordedWriteTests.AssertCauses(e.Response, "Pool.example.dev", Validation.Validate(patched, e.Before, ServerSideApplyTests.Pool));
    }

    [Theory]
    [InlineData("""{"type":"integer"}""", "\"a\"", "Invalid value: \"string\": spec.x in body must be of type integer: \"string\"")]
    [InlineData("""{"type":"integer"}""", "1.5", "Invalid value: \"number\": spec.x in body must be of type integer: \"number\"")]
    [InlineData("""{"type":"integer","maximum":3}""", "4", "Invalid value: 4: spec.x in body should be less than or equal to 3")]
    [InlineData("""{"type":"integer","minimum":3,"exclusiveMinimum":true}""", "3", "Invalid value: 3: spec.x in body should be greater than 3")]
    [InlineData("""{"type":"string","enum":["a","b"]}""", "\"c\"", "Unsupported value: \"c\": supported values: \"a\", \"b\"")]
    [InlineData("""{"type":"string","pattern":"^a+$"}""", "\"b\"", "Invalid value: \"b\": spec.x in body should match '^a+$'")]
    [InlineData("""{"type":"string","maxLength":2}""", "\"abc\"", "Too long: may not be more than 2 bytes")]
    [InlineData("""{"type":"string","minLength":2}""", "\"a\"", "Invalid value: \"a\": spec.x in body should be at least 2 chars long")]
    [InlineData("""{"type":"string","format":"ipv4"}""", "\"x\"", "Invalid value: \"x\": spec.x in body must be of type ipv4: \"x\"")]
    [InlineData("""{"type":"array","maxItems":1,"items":{"type":"integer"}}""", "[1,2]", "Too many: 2: must have at most 1 items")]
    [InlineData("""{"type":"object","required":["y"],"properties":{"y":{"type":"string"}}}""", "{}", "Required value")]
    [InlineData("""{"x-kubernetes-int-or-string":true}""", "true", "Invalid value: \"boolean\": spec.x in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}]}""", "{}", "Invalid value: \"\": \"spec.x\" must validate at least one schema (anyOf)")]
    public void A_value_out_of_its_schema(string schema, string value, string message)
    {
        var kind = CustomSchema.Read(Object("{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\",\"properties\":{\"x\":" + schema + "}}}}"));
        Assert.Equal(message, Assert.Single(Validation.Validate(Object("{\"spec\":{\"x\":" + value + "}}"), null, kind)).Message);
    }

    [Fact]
    public void Keys_of_a_list_are_there_once()
    {
        var kind = CustomSchema.Read(Object("""{"type":"object","properties":{"l":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","properties":{"name":{"type":"string"}}}}}}"""));
        var error = Assert.Single(Validation.Validate(Object("""{"l":[{"name":"a"},{"name":"a"}]}"""), null, kind));
        Assert.Equal(new FieldError("FieldValueDuplicate", "l[1]", "Duplicate value: {\"name\":\"a\"}"), error);
    }

    [Fact]
    public void What_is_as_it_was_may_stay_invalid()
    {
        var kind = CustomSchema.Read(Object("""{"type":"object","properties":{"x":{"type":"integer","maximum":3},"y":{"type":"integer"}}}"""));
        Assert.Empty(Validation.Validate(Object("""{"x":9,"y":2}"""), Object("""{"x":9,"y":1}"""), kind));
        Assert.NotEmpty(Validation.Validate(Object("""{"x":8,"y":2}"""), Object("""{"x":9,"y":1}"""), kind));
    }

    [Fact]
    public void Unknown_fields_are_dropped_and_named()
    {
        var doc = Object("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","lables":{}},"spec":{"replcas":1,"template":{"spec":{"containers":[{"name":"c","imge":"x"}]}}}}""");
        var unknown = Pruning.Prune(doc, KindSchema.OfBuiltIn("apps/v1", "Deployment")!);
        Assert.Equal(["metadata.lables", "spec.replcas", "spec.template.spec.containers[0].imge"], unknown);
        Assert.Equal("strict decoding error: unknown field \"dat\"", Pruning.StrictError(["dat"]));
        Exchange.AssertSame(Object("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"name":"c"}]}}}}"""), doc);
    }

    [Fact]
    public void Fields_of_a_custom_resource_are_pruned_except_where_it_keeps_them()
    {
        var doc = Object("""{"apiVersion":"example.dev/v1alpha1","kind":"Pool","metadata":{"name":"a"},"spec":{"cidr":"x","extra":1},"status":{"free":{"form":1}}}""");
        Assert.Equal(["spec.extra"], Pruning.Prune(doc, ServerSideApplyTests.Pool));
        Assert.Equal(1, (int?)doc["status"]!["free"]!["form"]);
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":"x"}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":{}}}}}""", "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""", "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels.a of type string")]
    public void A_value_that_a_built_in_type_cannot_hold(string doc, string message) =>
        Assert.Equal(message, Decoding.TypeError(Object(doc), KindSchema.OfBuiltIn("apps/v1", "Deployment")!));

    [Theory]
    [InlineData("spec", "additionalProperties", "true", "spec.versions[0].schema.openAPIV3Schema.properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive")]
    [InlineData("spec", "type", "null", "spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields")]
    [InlineData("spec", "type", "\"objekt\"", "spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Unsupported value: \"objekt\": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\"")]
    [InlineData("spec", "x-kubernetes-list-type", "\"map\"", "spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Invalid value: \"object\": must be array if x-kubernetes-list-type is specified")]
    [InlineData("spec", "$ref", "\"#/x\"", "spec.versions[0].schema.openAPIV3Schema.properties[spec].$ref: Forbidden: $ref is not supported")]
    [InlineData("spec", "oneOf", "[{\"type\":\"object\"}]", "spec.versions[0].schema.openAPIV3Schema.properties[spec].oneOf[0].type: Forbidden: must be empty to be structural")]
    public void A_schema_that_is_not_structural_is_refused(string property, string name, string value, string error)
    {
        var definition = Definition();
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]![property]![name] = JsonNode.Parse(value);
        Assert.Equal(error, BuiltIn.Validate(definition, null)[0].ToString());
    }

    [Fact]
    public void A_rule_that_cannot_be_compiled_is_refused_with_its_definition()
    {
        var definition = Definition();
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["x-kubernetes-validations"]![0]!["rule"] = "self.sice >= 8";
        var error = Assert.Single(BuiltIn.Validate(definition, null));
        Assert.Equal("spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule", error.Field);
        Assert.EndsWith("compilation failed: ERROR: <input>:1:5: undefined field 'sice'\n | self.sice >= 8\n | ....^", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"group":"dev"}""", "spec.group: Invalid value: \"dev\": should be a domain with at least one dot")]
    [InlineData("""{"scope":"Global"}""", "spec.scope: Unsupported value: \"Global\": supported values: \"Cluster\", \"Namespaced\"")]
    [InlineData("""{"names":{"plural":"Pools","kind":"Pool","listKind":"PoolList","singular":"pool"}}""", "spec.names.plural: Invalid value: \"Pools\": a DNS-1035 label must consist of")]
    [InlineData("""{"versions":[]}""", "spec.versions: Invalid value: []: must have exactly one version marked as storage version")]
    public void A_definition_with_wrong_names_is_refused(string change, string error)
    {
        var definition = Definition();
        definition["spec"] = MergePatch.Apply(definition["spec"]!.AsObject(), Object(change));
        definition["metadata"]!["name"] = $"{definition["spec"]!["names"]!["plural"]}.{definition["spec"]!["group"]}";
        Assert.StartsWith(error, BuiltIn.Validate(definition, null)[0].ToString(), StringComparison.Ordinal);
    }

    private static JsonObject Definition()
    {
        var definition = Exchange.Number(84).Body;
        BuiltIn.Default(definition);
        Assert.Empty(BuiltIn.Validate(definition, null));
        return definition;
    }

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();
}
