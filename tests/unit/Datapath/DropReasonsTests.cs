using Weft.Datapath;

namespace Weft.Tests.Unit.Datapath;

public sealed class DropReasonsTests
{
    [Fact]
    public void Numbers_are_those_the_enum_of_maps_h_gives()
    {
        // enum drop_reason is DROP_NONE, then the list in its order.
        var inTheHeader = File.ReadLines(Path.Combine(Repository.Root, "bpf/include/drop_reasons.h"))
            .Select(line => line.Trim())
            .Where(line => line.StartsWith("X(", StringComparison.Ordinal))
            .Select((line, index) => ((uint)index + 1, line[2..line.IndexOf(',', StringComparison.Ordinal)]))
            .ToList();
        Assert.NotEmpty(inTheHeader);
        Assert.Equal(inTheHeader, DropReasons.All.Select(reason => (reason.Number, reason.Name)));

        var maps = File.ReadAllText(Path.Combine(Repository.Root, "bpf/include/maps.h"));
        Assert.Matches(@"enum drop_reason \{\s+DROP_NONE,\s+#define", maps);
    }

    [Fact]
    public void Every_reason_is_explained_by_a_sentence() =>
        Assert.All(
            DropReasons.All,
            reason =>
            {
                Assert.Matches("^[A-Z].{10,}[.]$", reason.Text);
                Assert.Matches("^[A-Z]+(_[A-Z]+)*$", reason.Name);
            }
        );

    [Fact]
    public void Every_reason_is_used_by_the_datapath()
    {
        var sources = string.Join(
            '\n',
            Directory
                .EnumerateFiles(Path.Combine(Repository.Root, "bpf"), "*.h", SearchOption.AllDirectories)
                .Select(File.ReadAllText)
        );
        Assert.All(
            DropReasons.All,
            reason => Assert.Contains($"-DROP_{reason.Name}", sources, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Names_are_used_once() =>
        Assert.Equal(DropReasons.All.Count, DropReasons.All.Select(reason => reason.Name).Distinct().Count());

    [Fact]
    public void An_entry_may_take_several_lines() =>
        Assert.Equal(
            [new DropReason(1, "A", "One."), new DropReason(2, "B_C", "Two, (really).")],
            DropReasons.Parse("#define DROP_REASONS(X) \\\n X(A, \"One.\") \\\n X(B_C,\n\t\"Two, (really).\")")
        );
}
