using Weft.Cli.Policies;
using YamlDotNet.Core;

namespace Weft.Tests.Unit.Cli;

/// <summary>YAML 1.1, as kubectl's reader resolves it.</summary>
public sealed class YamlJsonTests
{
    [Theory]
    [InlineData("yes", "true")]
    [InlineData("Off", "false")]
    [InlineData("y", "true")]
    [InlineData("no-one", "\"no-one\"")]
    [InlineData("'yes'", "\"yes\"")]
    [InlineData("~", "null")]
    [InlineData("80", "80")]
    [InlineData("0x50", "80")]
    [InlineData("0120", "80")]
    [InlineData("-1_000", "-1000")]
    [InlineData("1.20", "1.2")]
    [InlineData("1e3", "1000")]
    [InlineData("99999999999999999999", "1E+20")]
    [InlineData("10.0.0.0/8", "\"10.0.0.0/8\"")]
    [InlineData("fd00::/8", "\"fd00::/8\"")]
    [InlineData("!!str 80", "\"80\"")]
    [InlineData("\"80\"", "\"80\"")]
    public void A_value_is_what_kubectl_takes_it_for(string yaml, string json) =>
        Assert.Equal(json, YamlJson.Read(new StringReader($"a: {yaml}"))[0]!.Value.GetProperty("a").GetRawText());

    [Fact]
    public void Anchors_and_merges_are_resolved()
    {
        var read = YamlJson.Read(
            new StringReader(
                """
                base: &base {a: 1, b: 2}
                other: {<<: *base, b: 3}
                """
            )
        );
        Assert.Equal("""{"b":3,"a":1}""", read[0]!.Value.GetProperty("other").GetRawText());
    }

    [Fact]
    public void Aliases_of_aliases_do_not_fill_the_memory()
    {
        var lines = Enumerable
            .Range(1, 30)
            .Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]");
        Assert.Throws<YamlException>(() => YamlJson.Read(new StringReader("a0: &a0 x\n" + string.Join('\n', lines))));
    }

    [Fact]
    public void An_empty_document_is_none() =>
        Assert.Equal([null], YamlJson.Read(new StringReader("---\n# nothing\n")));
}
