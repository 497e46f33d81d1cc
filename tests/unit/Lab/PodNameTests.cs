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
    [InlineData("a/0123456789012345678901234567890123456789012345678901234567890123")]
    public void Anything_else_is_refused_with_what_to_write(string text) =>
        Assert.Contains("NAMESPACE/NAME", Assert.Throws<LabException>(() => PodName.Parse(text)).Message);
}
