using Weft.Agent.Node;
using Weft.Contracts;

namespace Weft.Tests.Unit.Agent;

public sealed class NodeLinksTests
{
    [Theory]
    [InlineData(NodeLinks.Host)]
    [InlineData(NodeLinks.HostPeer)]
    [InlineData(NodeLinks.Overlay)]
    public void The_nodes_own_devices_are_never_taken_for_a_pods(string name)
    {
        Assert.False(HostInterface.IsOurs(name));
        Assert.InRange(name.Length, 1, 15);
    }

    [Fact]
    public void The_tunnels_MAC_is_not_weft_hosts_or_the_kernel_takes_frames_for_looped() =>
        Assert.NotEqual(NodeLinks.HostMac, NodeLinks.OverlayMac);
}
