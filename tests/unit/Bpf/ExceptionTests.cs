using Weft.Bpf;

namespace Weft.Tests.Unit.Bpf;

public sealed class ExceptionTests
{
    [Fact]
    public void A_refusal_names_the_operation_and_the_kernels_reason()
    {
        var e = new BpfException("update map \"endpoints\" of 4096 entries", 7, "libbpf: more");
        Assert.Equal(
            "update map \"endpoints\" of 4096 entries: Argument list too long (errno 7)\nlibbpf: more",
            e.Message
        );
        Assert.True(e.IsMapFull);
    }

    [Theory]
    [InlineData(28, true)] // ENOSPC, of a trie
    [InlineData(7, true)] // E2BIG, of a hash table
    [InlineData(1, false)] // EPERM
    [InlineData(22, false)] // EINVAL
    public void A_full_map_is_told_from_other_failures(int errno, bool full) =>
        Assert.Equal(full, new BpfException("update", errno).IsMapFull);

    [Fact]
    public void A_long_verifier_log_is_cut_to_its_end_where_the_reason_stands()
    {
        var log = string.Join('\n', Enumerable.Range(1, 500).Select(i => $"line {i}")) + "\n\n";
        var e = new VerifierException("weft_from_pod", 13, log);
        Assert.StartsWith(
            "load program \"weft_from_pod\": the kernel's verifier refused it: Permission denied (errno 13)\n"
                + "(480 lines of the log left out)\nline 481\n",
            e.Message
        );
        Assert.EndsWith("\nline 500", e.Message);
        Assert.Equal(("weft_from_pod", log), (e.Program, e.Log));
    }

    [Fact]
    public void A_short_verifier_log_is_shown_whole()
    {
        var e = new VerifierException("weft_from_pod", 22, "0: exit\nR0 !read_ok\n");
        Assert.EndsWith("(errno 22)\n0: exit\nR0 !read_ok", e.Message);
    }
}
