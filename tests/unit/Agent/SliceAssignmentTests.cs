using Weft.Agent.Publishing;
using Weft.Contracts;
using Weft.Resources;

namespace Weft.Tests.Unit.Agent;

public sealed class SliceAssignmentTests
{
    private readonly SliceAssignment assignment = new();
    private readonly Dictionary<AttachmentId, WeftEndpoint> pods = [];

    [Fact]
    public void A_slice_takes_a_hundred_pods_and_the_next_one_follows()
    {
        Add(0, 250);
        Assert.Equal([0, 1, 2], assignment.Update(pods));
        Assert.Equal([100, 100, 50], assignment.Slices.Select(slice => assignment.Endpoints(slice).Count));
    }

    [Fact]
    public void A_pod_stays_where_it_is_and_a_change_touches_its_slice_only()
    {
        Add(0, 250);
        assignment.Update(pods);
        pods[Id(130)] = pods[Id(130)] with { Identity = 999 };
        Assert.Equal([1], assignment.Update(pods));
        Assert.Empty(assignment.Update(pods));
    }

    [Fact]
    public void The_room_a_pod_leaves_is_the_next_ones()
    {
        Add(0, 250);
        assignment.Update(pods);
        pods.Remove(Id(7));
        Assert.Equal([0], assignment.Update(pods));
        Add(300, 1);
        Assert.Equal([0], assignment.Update(pods));
        Assert.Equal([100, 100, 50], assignment.Slices.Select(slice => assignment.Endpoints(slice).Count));
    }

    [Fact]
    public void After_a_restart_pods_are_where_they_were()
    {
        Add(0, 3);
        assignment.Adopt(4, [pods[Id(0)]]);
        assignment.Adopt(2, [pods[Id(1)], Pod(77)]);
        Assert.Equal([0, 2, 4], assignment.Update(pods));
        Assert.Equal([pods[Id(0)]], assignment.Endpoints(4));
        Assert.Equal([pods[Id(1)]], assignment.Endpoints(2));
        Assert.Equal([pods[Id(2)]], assignment.Endpoints(0));
    }

    private void Add(int first, int count)
    {
        foreach (var i in Enumerable.Range(first, count))
        {
            pods[Id(i)] = Pod(i);
        }
    }

    private static AttachmentId Id(int i) => new($"c{i}", "eth0");

    private static WeftEndpoint Pod(int i) =>
        new()
        {
            Namespace = "default",
            Pod = $"p{i}",
            Ips = [$"10.1.{i / 250}.{i % 250}"],
            Identity = 256,
        };
}
