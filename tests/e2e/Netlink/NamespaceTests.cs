using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Netlink;

public sealed class NamespaceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("weft").FullName;

    private string FilePath => Path.Combine(folder, "netns");

    public void Dispose()
    {
        NetworkNamespace.Unpin(FilePath);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_missing_file_is_not_found() => Refuses(NamespaceErrorKind.NotFound, FilePath);

    [Fact]
    public void A_missing_folder_is_not_found() =>
        Refuses(NamespaceErrorKind.NotFound, Path.Combine(FilePath, "deeper"));

    [Fact]
    public void A_plain_file_is_not_a_namespace()
    {
        File.WriteAllText(FilePath, "");
        Refuses(NamespaceErrorKind.NotANamespace, FilePath);
    }

    [Fact]
    public void A_folder_is_not_a_namespace() => Refuses(NamespaceErrorKind.NotANamespace, folder);

    [Fact]
    public void A_fifo_is_refused_without_waiting_for_a_writer()
    {
        using var made = System.Diagnostics.Process.Start("mkfifo", [FilePath]);
        made.WaitForExit();
        Refuses(NamespaceErrorKind.NotANamespace, FilePath);
    }

    [Fact]
    public void A_namespace_of_another_kind_is_refused() =>
        Refuses(NamespaceErrorKind.NotANamespace, "/proc/self/ns/mnt");

    [Fact]
    public void A_descriptor_of_something_else_is_refused_and_closed()
    {
        var handle = File.OpenHandle("/dev/null");
        Assert.Throws<NamespaceException>(() => NetworkNamespace.FromHandle(handle));
        Assert.True(handle.IsClosed);
    }

    [Fact]
    public void A_new_namespace_is_another_than_this_and_has_a_loopback_only()
    {
        using var here = NetworkNamespace.Current();
        using var scratch = new Scratch();
        using var again = scratch.Namespace.Run(NetworkNamespace.Current);
        Assert.False(here.IsSameAs(scratch.Namespace));
        Assert.True(again.IsSameAs(scratch.Namespace));
        Assert.Equal(again.Inode, scratch.Namespace.Inode);
        Assert.Equal(["lo"], scratch.Socket.Links().Select(l => l.Name));
    }

    [Fact]
    public void Running_inside_leaves_the_caller_where_it_was()
    {
        using var here = NetworkNamespace.Current();
        using var other = NetworkNamespace.Create();
        other.Run(() => { });
        using var still = NetworkNamespace.Current();
        Assert.True(here.IsSameAs(still));
    }

    [Fact]
    public void An_exception_comes_through_as_it_is()
    {
        using var other = NetworkNamespace.Create();
        var thrown = new InvalidOperationException("inside");
        var caught = Assert.Throws<InvalidOperationException>(() => other.Run(() => throw thrown));
        Assert.Same(thrown, caught);
    }

    [Fact]
    public void A_pin_keeps_the_namespace_until_it_is_taken_away()
    {
        ulong inode;
        using (var made = NetworkNamespace.Create())
        {
            made.PinTo(FilePath);
            inode = made.Inode;
            Assert.Throws<IOException>(() => made.PinTo(FilePath));
        }

        using (var found = NetworkNamespace.Open(FilePath))
        {
            Assert.Equal(inode, found.Inode);
        }

        NetworkNamespace.Unpin(FilePath);
        Assert.False(File.Exists(FilePath));
        NetworkNamespace.Unpin(FilePath);
        NetworkNamespace.Unpin(Path.Combine(folder, "no", "such"));
    }

    [Fact]
    public void A_pin_that_was_only_half_made_is_taken_away()
    {
        File.WriteAllText(FilePath, "");
        NetworkNamespace.Unpin(FilePath);
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void A_handle_from_elsewhere_is_taken_over()
    {
        using var made = NetworkNamespace.Create();
        made.PinTo(FilePath);
        using var other = NetworkNamespace.FromHandle(File.OpenHandle(FilePath));
        Assert.True(other.IsSameAs(made));
    }

    private static void Refuses(NamespaceErrorKind kind, string path)
    {
        var error = Assert.Throws<NamespaceException>(() => NetworkNamespace.Open(path));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }
}
