using System.Text.Json.Nodes;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>A real server takes our definitions, and their rules refuse what they should and nothing else.</summary>
public abstract class CustomResourceTests(ControlPlane cluster) : IAsyncLifetime
{
    private const string Group = "/apis/weft.dev/v1alpha1";

    private readonly string name = $"weft-test-{Guid.NewGuid():N}";
    private IReadOnlyList<JsonNode> definitions = [];

    public async ValueTask InitializeAsync()
    {
        cluster.SkipUnlessThere();
        definitions = await OurDefinitions.InstallAsync(cluster);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Every_definition_is_accepted_as_it_is() =>
        Assert.All(
            definitions,
            definition =>
            {
                Assert.Equal("True", definition.ConditionStatus("NamesAccepted"));
                // Written only when it is not so.
                Assert.Null(definition.ConditionStatus("NonStructuralSchema"));
            }
        );

    [Theory]
    [MemberData(nameof(Refusals.All), MemberType = typeof(Refusals))]
    public async Task A_rule_refuses_a_change_and_says_why(string resource, string valid, string change, string message)
    {
        var path = await CreateAsync(resource, valid);
        var refused = await cluster.Client.AskAsync(HttpMethod.Patch, path, change, Requests.MergePatch);
        Assert.Contains(message, Assert.Single(refused.Refused()), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_rule_has_a_change_that_it_refuses()
    {
        string[] tried = [.. Refusals.All.Select(row => row.Data.Item4).Distinct()];
        string[] rules = [.. definitions.SelectMany(OurDefinitions.RuleMessages).Distinct()];
        Assert.All(rules, rule => Assert.Contains(tried, start => rule.StartsWith(start, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_pool_grows()
    {
        var path = await CreateAsync(
            "weftippools",
            """{"spec": {"ranges": [{"cidr": "10.1.0.0/16", "blockSize": 24}]}}"""
        );
        const string Grown = """
            {"spec": {"ranges": [
              {"cidr": "fd00:10:244::/48", "blockSize": 64},
              {"cidr": "10.1.0.0/16", "blockSize": 24},
              {"cidr": "10.2.0.0/24", "blockSize": 30}
            ]}}
            """;
        var grown = await cluster.Client.AskAsync(HttpMethod.Patch, path, Grown, Requests.MergePatch);
        Assert.Equal(3, grown.Succeeded()["spec"]!["ranges"]!.AsArray().Count);
    }

    private async Task<string> CreateAsync(string resource, string content)
    {
        var definition = definitions.Single(each => each["spec"]!["names"]!["plural"]!.GetValue<string>() == resource);
        var obj = JsonNode.Parse(content)!;
        obj["apiVersion"] = "weft.dev/v1alpha1";
        obj["kind"] = definition["spec"]!["names"]!["kind"]!.DeepClone();
        obj["metadata"] = new JsonObject { ["name"] = name };
        var path = $"{Group}/{resource}";
        var created = await cluster.Client.AskAsync(
            HttpMethod.Post,
            $"{path}?fieldValidation=Strict",
            obj.ToJsonString()
        );
        created.Succeeded();
        return $"{path}/{name}";
    }
}
