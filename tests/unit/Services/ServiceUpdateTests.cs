using Weft.Kubernetes.Objects;
using Weft.Services;
using Weft.Services.Backends;

namespace Weft.Tests.Unit.Services;

/// <summary>An update holds what changed and nothing else, with numbers that stay.</summary>
public sealed class ServiceUpdateTests
{
    private readonly ServiceWorld world = new();

    public ServiceUpdateTests()
    {
        world.Set(ServiceWorld.Service(ServiceWorld.Spec()), ServiceWorld.Slice([ServiceWorld.Here1]));
        world.Set(
            ServiceWorld.Service(ServiceWorld.Spec(clusterIP: "10.96.0.11"), "other"),
            ServiceWorld.Slice([ServiceWorld.Endpoint("10.0.9.9", "here")], "other")
        );
    }

    [Fact]
    public void What_is_told_again_changes_nothing()
    {
        var update = world.Set(
            ServiceWorld.Service(ServiceWorld.Spec(), labels: new() { ["app"] = "x" }),
            ServiceWorld.Slice([ServiceWorld.Here1])
        );
        Assert.Empty(update.Services);
        Assert.Empty(update.BackendsAdded);
        Assert.Empty(update.BackendsGone);
    }

    [Fact]
    public void An_endpoint_that_comes_changes_its_Services_list_and_frontend_only()
    {
        var update = world.Set(ServiceWorld.Slice(ServiceWorld.OneHereOneThere));
        var change = Assert.Single(update.Services);
        Assert.Equal("test/web", $"{change.Service}");
        var frontend = Assert.Single(change.Frontends);
        Assert.Equal(
            (1, 2),
            (frontend.Old!.FromInside.Backends.Backends.Count, frontend.New!.FromInside.Backends.Backends.Count)
        );
        var list = Assert.Single(change.Lists);
        Assert.Equal((list.Old!.Key, TrafficPolicy.Cluster), (list.New!.Key, list.Key.Policy));
        Assert.Equal(ServiceWorld.Parse("10.0.2.1:8080"), Assert.Single(update.BackendsAdded).Key);
        Assert.Empty(update.BackendsGone);
    }

    [Fact]
    public void An_endpoint_that_moves_to_another_slice_in_one_update_is_never_missing()
    {
        world.Engine.Set(ServiceWorld.Slice([]));
        world.Engine.Set(ServiceWorld.Slice([ServiceWorld.Here1], name: "2"));
        Assert.Empty(world.Engine.Update().Services);
    }

    [Fact]
    public void A_Service_that_goes_takes_its_frontends_lists_and_backends_along()
    {
        world.Engine.RemoveService(new ObjectKey("test", "web"));
        world.Engine.RemoveSlice(new ObjectKey("test", "web-1"));
        var update = world.Engine.Update();
        var change = Assert.Single(update.Services);
        Assert.Equal(2, change.Frontends.Count);
        Assert.All(change.Frontends, frontend => Assert.Null(frontend.New));
        Assert.Null(Assert.Single(change.Lists).New);
        Assert.Equal(ServiceWorld.Parse("10.0.1.1:8080"), Assert.Single(update.BackendsGone).Key);
        Assert.Equal(2, world.Engine.Frontends.Count());
    }

    [Fact]
    public void An_endpoint_keeps_its_number_through_all_its_states()
    {
        var before = Number();
        world.Set(ServiceWorld.Slice([ServiceWorld.Endpoint("10.0.1.1", "here", ready: false), ServiceWorld.There1]));
        world.Set(ServiceWorld.Slice([ServiceWorld.Terminating("10.0.1.1", "here")]));
        Assert.Equal(before, Number());
        world.Set(ServiceWorld.Slice([]));
        world.Set(ServiceWorld.Slice([ServiceWorld.There1, ServiceWorld.Here1]));
        Assert.Equal(before, Number());
    }

    [Fact]
    public void A_backend_that_another_Service_still_has_is_not_gone()
    {
        world.Set(ServiceWorld.Slice([ServiceWorld.Here1], "other"));
        Assert.Empty(world.Set(ServiceWorld.Slice([])).BackendsGone);
    }

    [Fact]
    public void A_change_of_the_node_works_every_Service_out_anew()
    {
        world.Engine.Set(ServiceWorld.Here with { Name = "there" });
        Assert.Equal(2, world.Engine.Update().Services.Count);
        Assert.False(Backend().IsLocal);
        world.Engine.Set(ServiceWorld.Here with { Name = "there" });
        Assert.Empty(world.Engine.Update().Services);
    }

    [Fact]
    public void Slices_may_come_before_their_Service()
    {
        world.Set(ServiceWorld.Slice([ServiceWorld.Here1], "late"));
        world.Set(ServiceWorld.Service(ServiceWorld.Spec(clusterIP: "10.96.0.12"), "late"));
        Assert.Equal("10.0.1.1", world.Flow("pod", "10.96.0.12:80"));
    }

    private uint Number() => Backend().Number;

    private Backend Backend() =>
        world
            .Engine.Find(ServiceWorld.Parse(ServiceWorld.ClusterIP + ":80"))!
            .FromInside.Backends.Backends.Single(backend => backend.Key == ServiceWorld.Parse("10.0.1.1:8080"));
}
