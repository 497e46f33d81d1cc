using Weft.Kubernetes.Objects;
using Weft.Lab.Controllers.Workloads;

namespace Weft.Tests.Unit.Lab;

public sealed class RolloutTests
{
    [Theory]
    [InlineData("25%", "25%", 4, 1, 1)]
    [InlineData("25%", "25%", 3, 1, 0)]
    [InlineData("0%", "0%", 4, 0, 1)]
    [InlineData("50%", "100%", 3, 2, 3)]
    public void Surge_is_rounded_up_and_unavailability_down_and_never_both_are_nothing(
        string surge,
        string unavailable,
        int replicas,
        int maxSurge,
        int maxUnavailable
    ) =>
        Assert.Equal(
            (maxSurge, maxUnavailable),
            Rollout.Limits(
                new RollingUpdate { MaxSurge = new IntOrString(surge), MaxUnavailable = new IntOrString(unavailable) },
                replicas
            )
        );

    [Fact]
    public void A_first_set_gets_all_replicas_at_once() =>
        Assert.Equal([("new", 3)], Rollout.Next(3, (1, 0), new("new", 0, 0), []));

    [Fact]
    public void The_new_set_grows_by_the_surge_and_no_old_pod_goes_before_its_pod_is_available() =>
        Assert.Equal([("new", 1)], Rollout.Next(3, (1, 0), new("new", 0, 0), [new("old", 3, 3)]));

    [Fact]
    public void An_available_new_pod_lets_an_old_one_go() =>
        Assert.Equal([("old", 2)], Rollout.Next(3, (1, 0), new("new", 1, 1), [new("old", 3, 3)]));

    [Fact]
    public void Old_pods_that_serve_nobody_go_first() =>
        Assert.Equal(
            [("broken", 0)],
            Rollout.Next(3, (1, 0), new("new", 1, 0), [new("good", 3, 3), new("broken", 1, 0)])
        );

    [Fact]
    public void A_roll_out_ends_with_the_new_set_alone_and_never_too_few_or_too_many_pods()
    {
        Dictionary<string, int> sizes = new() { ["new"] = 0, ["old"] = 5 };
        for (var round = 0; round < 20; round++)
        {
            foreach (
                var (name, wanted) in Rollout
                    .Next(5, (2, 1), new("new", sizes["new"], sizes["new"]), [new("old", sizes["old"], sizes["old"])])
                    .ToList()
            )
            {
                sizes[name] = wanted;
            }

            Assert.InRange(sizes.Values.Sum(), 4, 7);
        }

        Assert.Equal((5, 0), (sizes["new"], sizes["old"]));
    }
}
