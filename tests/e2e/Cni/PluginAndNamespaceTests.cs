using Weft.Contracts;
using Weft.Netlink;

namespace Weft.Tests.Cni;

/// <summary>The binary in a namespace that stands for the host, so that the real host stays as it is.</summary>
public sealed class PluginAndNamespaceTests : IDisposable
{
    private static readonly AttachmentId Id = new("c0ffee", "eth0");

    private readonly NetworkNamespace host = NetworkNamespace.Create();
    private readonly NetworkNamespace pod = NetworkNamespace.Create();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("weft-netns-");

    public PluginAndNamespaceTests() => pod.PinTo(PodPath);

    private string PodPath => Path.Combine(folder.FullName, "pod");

    public void Dispose()
    {
        NetworkNamespace.Unpin(PodPath);
        folder.Delete(recursive: true);
        pod.Dispose();
        host.Dispose();
    }

    [Fact]
    public void ADD_hands_the_pods_namespace_to_the_agent_and_prints_what_it_made()
    {
        using var agent = FakeAgent.ThatAdds();
        var answer = Run("ADD", PodPath, agent.Setting).Succeeded();
        Assert.Equal(pod.Inode, agent.Namespace);
        Assert.Equal(PodPath, answer.Json.GetProperty("interfaces")[1].GetProperty("sandbox").GetString());

        using var checking = FakeAgent.ThatAgrees();
        Run("CHECK", PodPath, checking.Setting, ("prevResult", answer.Output)).SucceededSilently();
        Assert.Equal(pod.Inode, checking.Namespace);
    }

    [Fact]
    public void ADD_into_the_hosts_own_namespace_is_refused()
    {
        Assert.Equal(CniErrorCode.InvalidNetns, Run("ADD", "/proc/thread-self/ns/net").Error.Code);
        Assert.Equal(CniErrorCode.InvalidNetns, Run("ADD", "/proc/self/ns/net").Error.Code);
    }

    [Fact]
    public void ADD_to_something_else_than_a_namespace_is_refused()
    {
        var file = Path.Combine(folder.FullName, "file");
        File.WriteAllText(file, "");
        foreach (var path in (string[])[file, folder.FullName, Path.Combine(folder.FullName, "gone"), "/dev/null"])
        {
            var error = Run("ADD", path).Error;
            Assert.Equal(CniErrorCode.InvalidNetns, error.Code);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void DEL_succeeds_whatever_became_of_the_namespace()
    {
        var file = Path.Combine(folder.FullName, "file");
        File.WriteAllText(file, "");
        foreach (var path in (string[])["", file, folder.FullName, "/nonexistent/netns", "/proc/self/ns/net", PodPath])
        {
            Run("DEL", path).SucceededSilently();
        }
    }

    [Fact]
    public void DEL_with_the_agent_down_removes_the_pods_link_and_no_other()
    {
        using var routes = RouteSocket.Open(host);
        var name = HostInterface.NameOf(Id);
        routes.Execute(
            new RouteBatch()
                .AddVeth(
                    new VethSpec
                    {
                        Name = name,
                        PeerName = Id.IfName,
                        PeerNamespace = pod,
                    }
                )
                .AddVeth(new VethSpec { Name = "weftother", PeerName = "weftother1" })
        );

        Run("DEL", PodPath).SucceededSilently();
        Assert.Null(routes.FindLink(name));
        Assert.NotNull(routes.FindLink("weftother"));
        using var podRoutes = RouteSocket.Open(pod);
        Assert.Null(podRoutes.FindLink(Id.IfName));

        Run("DEL", "").SucceededSilently();
    }

    private PluginAnswer Run(string verb, string netns, params (string, string?)[] changes)
    {
        var environment = MalformedInputTable.Environment(verb, ("CNI_NETNS", netns), ("CNI_NETNS_OVERRIDE", null));
        return host.Run(() => PluginBinary.Run(environment, MalformedInputTable.Config(changes)));
    }
}
