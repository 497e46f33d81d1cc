using System.Text.Json;
using Weft.Kubernetes.Objects;
using Weft.Kubernetes.Objects.Compact;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class ObjectsTests
{
    [Theory]
    [InlineData("In", "a,b", "a", true)]
    [InlineData("In", "a,b", "c", false)]
    [InlineData("In", "a", null, false)]
    [InlineData("NotIn", "a", "b", true)]
    [InlineData("NotIn", "a", "a", false)]
    [InlineData("NotIn", "a", null, true)]
    [InlineData("Exists", "", "", true)]
    [InlineData("Exists", "", null, false)]
    [InlineData("DoesNotExist", "", null, true)]
    [InlineData("DoesNotExist", "", "x", false)]
    [InlineData("Gt", "1", "2", false)]
    public void A_requirement_judges_labels_as_kubernetes_does(string op, string values, string? label, bool matches)
    {
        var selector = new LabelSelector
        {
            MatchExpressions =
            [
                new()
                {
                    Key = "k",
                    Operator = op,
                    Values = values.Split(','),
                },
            ],
        };
        var labels = label is null ? null : new Dictionary<string, string> { ["k"] = label };
        Assert.Equal(matches, selector.Matches(labels));
    }

    [Fact]
    public void A_selector_needs_all_its_labels_and_an_empty_one_none()
    {
        var labels = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" };
        Assert.True(new LabelSelector().Matches(labels));
        Assert.True(new LabelSelector { MatchLabels = labels }.Matches(labels));
        Assert.False(
            new LabelSelector { MatchLabels = labels }.Matches(new Dictionary<string, string> { ["a"] = "1" })
        );
    }

    [Fact]
    public void Times_have_the_digits_that_the_server_insists_on()
    {
        var time = new DateTimeOffset(2030, 1, 2, 5, 4, 5, 678, TimeSpan.FromHours(2));
        var lease = JsonSerializer.Serialize(
            new Lease
            {
                Metadata = new ObjectMeta { Name = "l", CreationTimestamp = time },
                Spec = new LeaseSpec { RenewTime = time },
            },
            Kinds.Leases.Json
        );
        Assert.Equal(
            """{"metadata":{"name":"l","creationTimestamp":"2030-01-02T03:04:05Z"},"spec":{"renewTime":"2030-01-02T03:04:05.678000Z"}}""",
            lease
        );
    }

    [Fact]
    public void A_pod_is_read_with_the_fields_weft_uses_and_written_under_their_names()
    {
        const string Json =
            """{"metadata":{"name":"p","namespace":"n","labels":{"app":"web"}},"spec":{"containers":[{"name":"c","ports":[{"name":"http","containerPort":80}],"readinessProbe":{"httpGet":{"path":"/","port":"http"}}}],"nodeName":"n1","hostNetwork":true},"status":{"phase":"Running","hostIP":"192.0.2.1","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}]}}""";
        var pod = JsonSerializer.Deserialize(Json, Kinds.Pods.Json)!;
        Assert.Equal("http", pod.Spec!.Containers![0].ReadinessProbe!.HttpGet!.Port.Text);
        Assert.Equal(Json, JsonSerializer.Serialize(pod, Kinds.Pods.Json));
    }

    [Fact]
    public void An_unstructured_object_keeps_every_field()
    {
        const string Json =
            """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"volumes":[{"name":"v"}]},"other":1}""";
        var pod = JsonSerializer.Deserialize(Json, Kinds.Pods.Unstructured.Json)!;
        Assert.Equal("v", (string?)pod.Fields!["spec"]!["volumes"]![0]!["name"]);
        Assert.Equal(Json, JsonSerializer.Serialize(pod, Kinds.Pods.Unstructured.Json));
    }

    [Fact]
    public void Equal_labels_of_different_objects_are_one_text_and_compare_equal()
    {
        var (a, b) = (Labels("""{"app":"web","tier":"x"}"""), Labels("""{"tier":"x","app":"web"}"""));
        Assert.Same(a.Keys.First(), b.Keys.Last());
        Assert.Same(a["app"], b["app"]);
        Assert.Equal(a, b);
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
        Assert.NotEqual(a, Labels("""{"app":"web"}"""));
        Assert.Equal("ä\"", Labels("""{"k":"ä\""}""")["k"]);
    }

    private static CompactDictionary Labels(string json) =>
        (CompactDictionary)
            JsonSerializer
                .Deserialize($$$"""{"metadata":{"labels":{{{json}}}}}""", Kinds.Namespaces.Json)!
                .Metadata.Labels!;
}
