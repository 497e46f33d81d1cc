using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Patches;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Tests.Unit.ApiServer;

public sealed class PatchTests
{
    /// <summary>The examples of RFC 7386, appendix A, for objects.</summary>
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void A_merge_patch(string doc, string patch, string result) =>
        Exchange.AssertSame(Object(result), MergePatch.Apply(Object(doc), Object(patch)));

    [Fact]
    public void The_difference_of_two_documents_merged_into_the_one_is_the_other()
    {
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var (before, after) = (Any(random, 3), Any(random, 3));
            Exchange.AssertSame(after, MergePatch.Apply(before, Difference(before, after)));
        }
    }

    /// <summary>From RFC 6902, appendix A.</summary>
    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData(
        """{"foo":["bar","baz"]}""",
        """[{"op":"add","path":"/foo/1","value":"qux"}]""",
        """{"foo":["bar","qux","baz"]}"""
    )]
    [InlineData(
        """{"foo":["bar"]}""",
        """[{"op":"add","path":"/foo/-","value":["abc"]}]""",
        """{"foo":["bar",["abc"]]}"""
    )]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar"]}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo"}""")]
    [InlineData(
        """{"foo":{"bar":1},"qux":{}}""",
        """[{"op":"move","from":"/foo/bar","path":"/qux/thud"}]""",
        """{"foo":{},"qux":{"thud":1}}"""
    )]
    [InlineData(
        """{"foo":["all","grass","cows","eat"]}""",
        """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""",
        """{"foo":["all","cows","eat","grass"]}"""
    )]
    [InlineData("""{"a":{"b":1}}""", """[{"op":"copy","from":"/a","path":"/c"}]""", """{"a":{"b":1},"c":{"b":1}}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"test","path":"/baz","value":"qux"}]""", """{"baz":"qux"}""")]
    [InlineData("""{"/":9,"~1":10}""", """[{"op":"test","path":"/~01","value":10}]""", """{"/":9,"~1":10}""")]
    [InlineData("""{"a/b":1}""", """[{"op":"replace","path":"/a~1b","value":null}]""", """{"a/b":null}""")]
    public void A_JSON_patch(string doc, string patch, string result) =>
        Exchange.AssertSame(Object(result), JsonPatch.Apply(Object(doc), JsonNode.Parse(patch)!.AsArray()));

    [Theory]
    [InlineData("""[{"op":"remove","path":"/none"}]""")]
    [InlineData("""[{"op":"replace","path":"/none","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/none/deep","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/list/7","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/list/01","value":1}]""")]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""")]
    [InlineData("""[{"op":"move","from":"/o","path":"/o/p"}]""")]
    [InlineData("""[{"op":"add","path":"/a"}]""")]
    [InlineData("""[{"op":"frob","path":"/a"}]""")]
    [InlineData("""[{"op":"add","path":"a","value":1}]""")]
    [InlineData("""[{"op":"replace","path":"/a","value":2},{"op":"remove","path":"/none"}]""")]
    public void A_JSON_patch_that_does_not_apply_changes_nothing(string patch)
    {
        var doc = Object("""{"a":1,"list":[1,2],"o":{"p":1}}""");
        var e = Assert.Throws<PatchException>(() => JsonPatch.Apply(doc, JsonNode.Parse(patch)!.AsArray()));
        Assert.Equal((422, "the server rejected our request due to an error in our request"), (e.Code, e.Message));
        Exchange.AssertSame(Object("""{"a":1,"list":[1,2],"o":{"p":1}}"""), doc);
    }

    [Theory]
    [InlineData(
        """{"containers":[{"name":"b","image":"2"}]}""",
        """{"containers":[{"name":"b","image":"2"},{"name":"a","image":"1"}],"tolerations":[{"key":"k"}]}"""
    )]
    [InlineData(
        """{"$setElementOrder/containers":[{"name":"a"},{"name":"b"}],"containers":[{"name":"b","image":"2"}]}""",
        """{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}],"tolerations":[{"key":"k"}]}"""
    )]
    [InlineData(
        """{"containers":[{"name":"a","$patch":"delete"}]}""",
        """{"containers":[],"tolerations":[{"key":"k"}]}"""
    )]
    [InlineData(
        """{"containers":[{"$patch":"replace"},{"name":"c"}]}""",
        """{"containers":[{"name":"c"}],"tolerations":[{"key":"k"}]}"""
    )]
    [InlineData(
        """{"containers":[{"name":"a","image":null,"tty":true}]}""",
        """{"containers":[{"name":"a","tty":true}],"tolerations":[{"key":"k"}]}"""
    )]
    [InlineData(
        """{"tolerations":[{"key":"l"}]}""",
        """{"containers":[{"name":"a","image":"1"}],"tolerations":[{"key":"l"}]}"""
    )]
    [InlineData("""{"tolerations":null}""", """{"containers":[{"name":"a","image":"1"}]}""")]
    [InlineData("""{"$patch":"replace","nodeName":"n"}""", """{"nodeName":"n"}""")]
    [InlineData(
        """{"securityContext":{"$patch":"delete"}}""",
        """{"containers":[{"name":"a","image":"1"}],"tolerations":[{"key":"k"}]}"""
    )]
    [InlineData(
        """{"securityContext":{"runAsUser":1,"fsGroup":null}}""",
        """{"containers":[{"name":"a","image":"1"}],"tolerations":[{"key":"k"}],"securityContext":{"runAsUser":1}}"""
    )]
    public void A_strategic_merge_of_a_pod(string patch, string result)
    {
        var pod = new JsonObject
        {
            ["spec"] = Object("""{"containers":[{"name":"a","image":"1"}],"tolerations":[{"key":"k"}]}"""),
        };
        var patched = StrategicMerge.Apply(
            pod,
            new JsonObject { ["spec"] = Object(patch) },
            KindSchema.OfBuiltIn("v1", "Pod")
        );
        Exchange.AssertSame(Object(result), patched["spec"]);
    }

    [Fact]
    public void Elements_of_a_list_of_scalars_are_added_and_removed_one_by_one()
    {
        var pod = Object("""{"metadata":{"finalizers":["a","b"]}}""");
        var schema = KindSchema.OfBuiltIn("v1", "Pod");
        var added = StrategicMerge.Apply(pod, Object("""{"metadata":{"finalizers":["c","a"]}}"""), schema);
        Assert.Equal(["c", "a", "b"], added["metadata"]!["finalizers"]!.AsArray().Select(f => (string?)f));
        var removed = StrategicMerge.Apply(
            pod,
            Object("""{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}}"""),
            schema
        );
        Assert.Equal(["b"], removed["metadata"]!["finalizers"]!.AsArray().Select(f => (string?)f));
    }

    [Fact]
    public void Retained_keys_are_all_that_stays()
    {
        var deployment = Object("""{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""");
        var patch = Object("""{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""");
        Exchange.AssertSame(
            Object("""{"spec":{"strategy":{"type":"Recreate"}}}"""),
            StrategicMerge.Apply(deployment, patch, KindSchema.OfBuiltIn("apps/v1", "Deployment"))
        );
    }

    [Fact]
    public void An_element_without_its_merge_key_is_refused() =>
        Assert.Throws<PatchException>(() =>
            StrategicMerge.Apply(
                Object("""{"spec":{"containers":[{"name":"a"}]}}"""),
                Object("""{"spec":{"containers":[{"image":"1"}]}}"""),
                KindSchema.OfBuiltIn("v1", "Pod")
            )
        );

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();

    private static JsonObject Difference(JsonObject before, JsonObject after)
    {
        var patch = new JsonObject();
        foreach (var name in before.Select(m => m.Key).Where(name => !after.ContainsKey(name)))
        {
            patch[name] = null;
        }
        foreach (var (name, value) in after)
        {
            if (before[name] is JsonObject old && value is JsonObject changed)
            {
                patch[name] = Difference(old, changed);
            }
            else if (!JsonNode.DeepEquals(before[name], value))
            {
                patch[name] = value?.DeepClone();
            }
        }
        return patch;
    }

    private static JsonObject Any(Random random, int depth)
    {
        var doc = new JsonObject();
        foreach (var name in (string[])["a", "b", "c"])
        {
            switch (random.Next(depth > 0 ? 5 : 3))
            {
                case 0:
                    break;
                case 1:
                    doc[name] = random.Next(3);
                    break;
                case 2:
                    doc[name] = new JsonArray(random.Next(2));
                    break;
                default:
                    doc[name] = Any(random, depth - 1);
                    break;
            }
        }
        return doc;
    }
}
