using System.Text.RegularExpressions;
using Weft.Agent.Configuration;
using Weft.Datapath;

namespace Weft.Tests.Unit.Structure;

/// <summary>What the documentation lists is what the code has.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void Every_key_of_the_agents_configuration_is_documented_and_no_other() =>
        Assert.Equal(
            ConfigJson.Default.AgentConfig.Properties.Select(property => property.Name).Order(),
            KeysOf("docs/configuration.md", "## The agent").Order()
        );

    [Fact]
    public void Every_key_of_the_operators_configuration_is_documented_and_no_other() =>
        Assert.Equal(
            Weft.Operator.Configuration.ConfigJson.Default.OperatorConfig.Properties.Select(key => key.Name).Order(),
            KeysOf("docs/configuration.md", "## The operator").Order()
        );

    [Fact]
    public void Every_drop_reason_is_documented_with_its_text()
    {
        var page = Repository.Read("docs/troubleshooting.md");
        Assert.Equal(
            DropReasons.All.Select(reason => (reason.Name, reason.Text)),
            DropRow().Matches(page).Select(row => (row.Groups[1].Value, row.Groups[2].Value))
        );
    }

    [Fact]
    public void Every_size_of_a_map_is_documented()
    {
        var limits = Repository.Read("docs/limits.md").Replace(",", "", StringComparison.Ordinal);
        Assert.All(
            MapSize().Matches(Repository.Read("bpf/include/maps.h") + Repository.Read("bpf/include/service_maps.h")),
            size =>
                Assert.Matches(
                    $@"\| `{size.Groups[1].Value.ToLowerInvariant()}`[^|]*\| {size.Groups[2].Value} ",
                    limits
                )
        );
    }

    [Fact]
    public void Links_between_pages_lead_somewhere()
    {
        foreach (var page in Repository.Files("*.md"))
        {
            var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
            foreach (Match link in Link().Matches(Repository.Read(page)))
            {
                var target = link.Groups[1].Value;
                Assert.True(
                    target.Contains("://", StringComparison.Ordinal) || Path.Exists(Path.Combine(folder, target)),
                    $"{page} links to {target}, which is not there"
                );
            }
        }
    }

    /// <summary>The first column of the tables below a heading, up to the next one of its level.</summary>
    private static IEnumerable<string> KeysOf(string page, string heading) =>
        File.ReadLines(Path.Combine(Repository.Root, page))
            .SkipWhile(line => line != heading)
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Select(line => KeyRow().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"^\| `(\w+)` \|")]
    private static partial Regex KeyRow();

    [GeneratedRegex(@"^\| `([A-Z_]+)` \| ([^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex DropRow();

    [GeneratedRegex(@"#define (\w+)_MAX\s+(\d+)$", RegexOptions.Multiline)]
    private static partial Regex MapSize();

    [GeneratedRegex(@"\]\(([^)#]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
