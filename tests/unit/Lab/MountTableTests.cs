using Weft.Lab.Linux;

namespace Weft.Tests.Unit.Lab;

public sealed class MountTableTests
{
    [Fact]
    public void A_pinned_namespace_is_known_by_its_name()
    {
        var mount = Assert.Single(
            MountTable.Parse(["45 43 0:4 net:[4026532177] /lab/netns/outside rw shared:3 - nsfs nsfs rw"])
        );
        Assert.Equal(new MountEntry("net:[4026532177]", "/lab/netns/outside", "nsfs"), mount);
        Assert.True(mount.IsNamespace);
    }

    [Theory]
    [InlineData("27 1 254:0 / / rw - ext4 /dev/vda rw")]
    [InlineData("27 1 254:0 / / rw shared:1 master:2 propagate_from:3 - ext4 /dev/vda rw")]
    public void Optional_fields_may_be_none_or_many(string line) =>
        Assert.Equal("ext4", Assert.Single(MountTable.Parse([line])).Type);

    [Fact]
    public void Escaped_characters_are_read_back() =>
        Assert.Equal(
            "/a b\\c",
            Assert.Single(MountTable.Parse([@"27 1 254:0 / /a\040b\134c rw - ext4 /dev/vda rw"])).Target
        );
}
