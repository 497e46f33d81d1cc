using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Netlink;

public sealed class SysctlTests
{
    private const string Setting = "net/ipv4/conf/default/rp_filter";

    [Fact]
    public void A_setting_is_of_the_namespace_it_is_made_in()
    {
        var before = Sysctl.Read(Setting);
        using var scratch = new Scratch();
        scratch.Namespace.Run(() =>
        {
            Sysctl.Write(Setting, "2");
            Assert.Equal("2", Sysctl.Read(Setting));
            Sysctl.Write(Setting, "0");
            Assert.Equal("0", Sysctl.Read(Setting));
        });
        Assert.Equal(before, Sysctl.Read(Setting));
    }

    [Fact]
    public void A_setting_the_kernel_lacks_is_named()
    {
        Assert.Null(Sysctl.Read("net/ipv4/weft"));
        var error = Assert.Throws<IOException>(() => Sysctl.Write("net/ipv4/weft", "1"));
        Assert.Contains("/proc/sys/net/ipv4/weft does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_cannot_be_written_is_left_alone_if_it_is_right_already()
    {
        // Read-only for root too, as all of /proc/sys is in an unprivileged container.
        const string ReadOnly = "kernel/ostype";
        Sysctl.Write(ReadOnly, "Linux");
        var error = Assert.Throws<IOException>(() => Sysctl.Write(ReadOnly, "Weft"));
        Assert.StartsWith(
            "/proc/sys/kernel/ostype is Linux and cannot be set to Weft",
            error.Message,
            StringComparison.Ordinal
        );
    }
}
