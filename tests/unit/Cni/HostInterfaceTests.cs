using Weft.Contracts;

namespace Weft.Tests.Cni;

public sealed class HostInterfaceTests
{
    [Fact]
    public void A_name_is_one_the_kernel_takes_and_ours()
    {
        for (var i = 0; i < 1000; i++)
        {
            var name = HostInterface.NameOf(new AttachmentId($"container-{i}", "eth0"));
            Assert.Equal(15, name.Length);
            Assert.True(HostInterface.IsOurs(name), name);
        }
    }

    [Fact]
    public void A_name_never_changes_for_running_pods_have_it() =>
        Assert.Equal("weft58b32e269ef", HostInterface.NameOf(new AttachmentId("c0ffee", "eth0")));

    [Fact]
    public void Attachments_that_differ_in_one_letter_differ_in_name()
    {
        var names = new HashSet<string>();
        for (var i = 0; i < 100_000; i++)
        {
            Assert.True(names.Add(HostInterface.NameOf(new AttachmentId($"a{i}", "eth0"))));
        }
    }

    [Theory]
    [InlineData("weft-vxlan")]
    [InlineData("weft0123456789A")]
    [InlineData("eth0")]
    [InlineData("weft0123456789ab")]
    public void Other_names_are_not_ours(string name) => Assert.False(HostInterface.IsOurs(name));
}
