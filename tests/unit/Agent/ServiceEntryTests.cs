using Weft.Agent.Services;
using Weft.Datapath;
using Weft.Net;
using Weft.Services;
using Weft.Services.Backends;
using Weft.Services.Frontends;

namespace Weft.Tests.Unit.Agent;

public sealed class ServiceEntryTests
{
    private static readonly Ip Own = Ip.Parse("192.0.2.1");
    private static readonly BackendList Two = new(
        new BackendListKey(7, TrafficPolicy.Cluster),
        [Backend("10.0.1.1"), Backend("10.0.2.1")],
        [Address("10.0.3.1")]
    );
    private static readonly BackendList None = new(new BackendListKey(7, TrafficPolicy.Local), [], []);

    [Fact]
    public void An_entry_leads_to_its_list_with_slots_for_the_new_before_those_for_who_may_stay()
    {
        var value = ValueOf(Frontend(ServiceAction.Forward, Two) with { AffinitySeconds = 30 });
        Assert.Equal(
            new ServiceValue
            {
                Number = 7,
                List = 42,
                Count = 2,
                Serving = 3,
                AffinitySeconds = 30,
            },
            value
        );
        Assert.Equal(
            ["10.0.1.1", "10.0.2.1", "10.0.3.1"],
            BackendLists.SlotsOf(Two).Select(slot => slot.Address.ToIp().ToString())
        );
    }

    [Theory]
    [InlineData(ServiceAction.Reject, ServiceFlags.None)]
    [InlineData(ServiceAction.Drop, ServiceFlags.Drops)]
    public void Without_a_backend_an_entry_says_whether_to_refuse_or_to_drop(
        ServiceAction action,
        ServiceFlags flags
    ) => Assert.Equal((0, flags), (ValueOf(Frontend(action, None)).Count, ValueOf(Frontend(action, None)).Flags));

    [Theory]
    [InlineData("192.0.2.0/24", ServiceFlags.HasSourceRanges | ServiceFlags.AdmitsNode)]
    [InlineData("198.51.100.0/24", ServiceFlags.HasSourceRanges)]
    public void Source_ranges_say_whether_the_node_is_inside(string range, ServiceFlags flags)
    {
        var frontend = Frontend(ServiceAction.Forward, Two) with { SourceRanges = [Prefix.Parse(range)] };
        Assert.Equal(flags, ValueOf(frontend).Flags);
        Assert.Equal([ServiceSourceKey.Of(7, Prefix.Parse(range))], ServiceEntry.SourcesOf(frontend));
    }

    [Fact]
    public void Whom_source_ranges_keep_out_is_told_all_the_same_that_there_are_no_endpoints() =>
        Assert.Equal(ServiceFlags.None, ValueOf(Frontend(ServiceAction.Reject, None) with { SourceRanges = [] }).Flags);

    [Fact]
    public void Only_a_node_port_takes_a_port_of_the_node()
    {
        var frontend = Frontend(ServiceAction.Forward, Two);
        Assert.Empty(ServiceEntry.NodePortsOf(frontend));
        Assert.Equal(
            [NodePort.Of(80, (byte)Transport.Udp)],
            ServiceEntry.NodePortsOf(frontend with { Kind = FrontendKind.NodePort })
        );
    }

    private static ServiceValue ValueOf(Frontend frontend) =>
        ServiceEntry.ValueOf(
            frontend,
            ServiceSide.Inside,
            new WrittenList(
                42,
                frontend.FromInside.Backends.Backends.Count + frontend.FromInside.Backends.Staying.Count
            ),
            [Own]
        );

    private static Frontend Frontend(ServiceAction action, BackendList list) =>
        new(
            Address("10.96.0.1", 80),
            FrontendKind.ClusterIP,
            new ServicePortKey(new("test", "web"), "", Transport.Udp, IsV4: true),
            7,
            new Selection(action, list),
            new Selection(action, list),
            Source.None,
            0,
            null
        );

    private static Backend Backend(string address) => new(1, Address(address), false, false, null, null);

    private static TransportAddress Address(string address, ushort port = 8080) =>
        new(Ip.Parse(address), port, Transport.Udp);
}
