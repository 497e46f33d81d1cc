using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Netlink;

// Counts the descriptors of the process: nothing else may open any meanwhile.
[CollectionDefinition(nameof(DescriptorTests), DisableParallelization = true)]
[Collection(nameof(DescriptorTests))]
public sealed class DescriptorTests
{
    [Fact]
    public void Descriptors_are_closed_whether_things_work_or_fail()
    {
        UseEverything();
        var before = Open();
        for (var i = 0; i < 20; i++)
        {
            UseEverything();
        }

        Assert.Equal(before, Open());
    }

    private static int Open() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static void UseEverything()
    {
        using var host = new Scratch();
        host.AddPair();
        using var monitor = RouteMonitor.Open(host.Namespace);
        using var current = NetworkNamespace.Current();
        Assert.Throws<NamespaceException>(() => NetworkNamespace.Open("/proc/self/ns/mnt"));
        Assert.Throws<NamespaceException>(() => NetworkNamespace.Open("/dev/null"));
        Assert.Throws<NetlinkException>(() => host.Socket.Execute(new RouteBatch().DeleteLink("weft9")));
        host.Namespace.Run(() => Sysctl.Read("net/ipv4/ip_forward"));
    }
}
