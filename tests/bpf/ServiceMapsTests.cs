using Weft.Agent.Services;
using Weft.Datapath;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services;
using Weft.Services.Backends;
using Weft.Services.Numbers;

namespace Weft.Tests.Bpf;

/// <summary>The maps of Services in the kernel lead where the objects say, at every moment of a change and over restarts.</summary>
public sealed class ServiceMapsTests
{
    private static readonly LocalNode Node = new("here", null, [Ip.Parse("192.0.2.1")]);
    private readonly LoadedDatapath datapath = DatapathFixture.Empty();
    private readonly ManualTime time = new();
    private ServiceEngine engine = null!;
    private ServiceMaps maps = null!;

    public ServiceMapsTests() => StartAgent();

    [Fact]
    public void A_frontend_leads_to_its_backends_from_both_sides()
    {
        Set("web", "10.96.0.1", "10.0.0.1", "10.0.0.2");
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Backends("10.96.0.1", ServiceSide.Inside));
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Backends("10.96.0.1", ServiceSide.Outside));
        // Its port and the rest of its address, for either side; one list for both.
        Assert.Equal((4, 2), (datapath.Services.Count(), datapath.Backends.Count()));
    }

    [Fact]
    public void A_changed_list_is_another_one_and_the_old_one_stays_until_nobody_can_be_reading_it()
    {
        Set("web", "10.96.0.1", "10.0.0.1", "10.0.0.2");
        var old = Entry("10.96.0.1").List;
        Set("web", "10.96.0.1", "10.0.0.2");
        Assert.NotEqual(old, Entry("10.96.0.1").List);
        Assert.Equal(["10.0.0.2"], Backends("10.96.0.1", ServiceSide.Inside));
        Assert.False(maps.RemoveRested());
        Assert.Equal(3, datapath.Backends.Count());

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(maps.RemoveRested());
        Assert.Equal(1, datapath.Backends.Count());
        Assert.Null(maps.NextRemoval);
    }

    [Fact]
    public void A_Service_that_goes_leaves_nothing()
    {
        Set("web", "10.96.0.1", "10.0.0.1");
        engine.RemoveService(new ObjectKey("test", "web"));
        Apply();
        time.Advance(TimeSpan.FromSeconds(1));
        maps.RemoveRested();
        Assert.Equal((0, 0), (datapath.Services.Count(), datapath.Backends.Count()));
    }

    [Fact]
    public void Until_a_new_agent_knows_everything_the_maps_stay_and_then_only_what_differs_is_written()
    {
        Set("same", "10.96.0.1", "10.0.0.1");
        Set("other", "10.96.0.2", "10.0.0.2");
        Set("gone", "10.96.0.3", "10.0.0.3");
        var (same, other) = (Entry("10.96.0.1"), Entry("10.96.0.2"));

        StartAgent();
        Assert.Equal(["10.0.0.3"], Backends("10.96.0.3", ServiceSide.Inside));
        Set("same", "10.96.0.1", "10.0.0.1");
        Set("other", "10.96.0.2", "10.0.0.9");
        Assert.Equal(["10.0.0.3"], Backends("10.96.0.3", ServiceSide.Inside));
        maps.RemoveStrays();

        Assert.Equal(same, Entry("10.96.0.1"));
        Assert.Equal(["10.0.0.9"], Backends("10.96.0.2", ServiceSide.Inside));
        Assert.True(Entry("10.96.0.2").List > other.List);
        Assert.False(datapath.Services.TryLookup(Key("10.96.0.3", ServiceSide.Inside), out _));
        time.Advance(TimeSpan.FromSeconds(1));
        maps.RemoveRested();
        Assert.Equal((8, 2), (datapath.Services.Count(), datapath.Backends.Count()));
    }

    private void StartAgent()
    {
        maps = new ServiceMaps(datapath, time);
        engine = new ServiceEngine(
            Node,
            new NumberTable<ServicePortKey>(1000),
            new NumberTable<TransportAddress>(1000)
        );
    }

    private void Set(string name, string clusterIP, params string[] endpoints)
    {
        engine.Set(
            new Service
            {
                Metadata = new ObjectMeta { Namespace = "test", Name = name },
                Spec = new ServiceSpec
                {
                    ClusterIP = clusterIP,
                    ClusterIPs = [clusterIP],
                    Ports = [new ServicePort { Port = 80 }],
                },
            }
        );
        engine.Set(
            new EndpointSlice
            {
                Metadata = new ObjectMeta
                {
                    Namespace = "test",
                    Name = name,
                    Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = name },
                },
                AddressType = "IPv4",
                Endpoints =
                [
                    .. endpoints.Select(address => new Weft.Kubernetes.Objects.Endpoint { Addresses = [address] }),
                ],
                Ports = [new EndpointPort { Port = 8080 }],
            }
        );
        Apply();
    }

    private void Apply()
    {
        foreach (var change in engine.Update().Services.SelectMany(service => service.Frontends))
        {
            if (change.New is null)
            {
                maps.Remove(change.Key);
            }
            else
            {
                Assert.Null(maps.TryWrite(change.New, Node.Addresses));
            }
        }
    }

    private ServiceValue Entry(string address, ServiceSide side = ServiceSide.Inside)
    {
        Assert.True(datapath.Services.TryLookup(Key(address, side), out var value));
        return value;
    }

    private string[] Backends(string address, ServiceSide side)
    {
        var entry = Entry(address, side);
        return
        [
            .. Enumerable
                .Range(0, entry.Count)
                .Select(slot =>
                {
                    Assert.True(datapath.Backends.TryLookup(new BackendKey(entry.List, (uint)slot), out var backend));
                    Assert.Equal(8080, ConfigValue.ToHost(backend.PortNetwork));
                    return backend.Address.ToIp().ToString();
                }),
        ];
    }

    private static ServiceKey Key(string address, ServiceSide side) =>
        ServiceKey.Of(Ip.Parse(address), 80, (byte)Transport.Tcp, side);

    /// <summary>A clock that a test moves.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(TimeSpan by) => now += by.Ticks;
    }
}
