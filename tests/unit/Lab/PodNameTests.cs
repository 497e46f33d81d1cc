using Weft.Lab;

namespace Weft.Tests.Unit.Lab;

public sealed class PodNameTests
{
    [Fact]
    public void A_namespace_and_a_name_make_a_pod()
    {
        var pod = PodName.Parse("kube-system/dns-1");
        Assert.Equal(("kube-system", "dns-1"), (pod.Namespace, pod.Name));
        Assert.Equal("kube-system/dns-1", pod.ToString());
    }

    [Fact]
    public void A_file_name_belongs_to_one_pod_only()
    {
        var pods = new[] { PodName.Parse("a/b-c"), PodName.Parse("a-b/c") };
        Assert.NotEqual(pods[0].FileName, pods[1].FileName);
        Assert.All(pods, p => Assert.Equal(p, PodName.FromFileName(p.FileName)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a/")]
    [InlineData("/a")]
    [InlineData("a/b/c")]
    [InlineData("a/b\n")]
    [InlineData("A/b")]
    [InlineData("a/b_c")]
    [InlineData("a/-b")]
    [InlineData("../b")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123/b")]
    public void Anything_else_is_refused_with_what_to_write(string text) =>
        Assert.Contains("NAMESPACE/NAME", Assert.Throws<LabException>(() => PodName.Parse(text)).Message);

    [Fact]
    public void A_name_longer_than_a_file_name_has_room_for_is_refused()
    {
        Assert.Equal(180, PodName.Parse($"a/{new string('b', 180)}").Name.Length);
        Assert.Contains("180", Assert.Throws<LabException>(() => PodName.Parse($"a/{new string('b', 181)}")).Message);
    }
}
