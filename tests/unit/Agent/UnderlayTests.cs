using Weft.Agent.Configuration;
using static Weft.Tests.Unit.Agent.NodeUnderTest;

namespace Weft.Tests.Unit.Agent;

public sealed class UnderlayTests
{
    private static readonly NodeSettings Vxlan = Settings("10.244.1.0/24");
    private static readonly NodeSettings Native = Vxlan with { RoutingMode = RoutingMode.Native };

    [Fact]
    public void Pods_have_the_devices_MTU_less_what_the_tunnel_adds()
    {
        Assert.Equal(1450, UnderlayOf(Device(2, 1500, "192.0.2.1/24")).PodMtu(Vxlan));
        Assert.Equal(1430, UnderlayOf(Device(2, 1500, "fd00:c0::1/64")).PodMtu(Vxlan));
        Assert.Equal(1500, UnderlayOf(Device(2, 1500, "192.0.2.1/24")).PodMtu(Native));
    }

    [Fact]
    public void The_smallest_device_decides() =>
        Assert.Equal(
            1400,
            UnderlayOf(Device(2, 9000, "192.0.2.1/24"), Device(3, 1400, "203.0.113.1/24")).PodMtu(Native)
        );

    [Fact]
    public void What_is_configured_is_what_pods_get() =>
        Assert.Equal(1300, UnderlayOf(Device(2, 1500, "192.0.2.1/24")).PodMtu(Vxlan with { Mtu = 1300 }));
}
