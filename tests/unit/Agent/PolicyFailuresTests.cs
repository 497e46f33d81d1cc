using Weft.Agent.Policy;
using Weft.Kubernetes.Objects;
using Weft.Policy.Sets;

namespace Weft.Tests.Unit.Agent;

public sealed class PolicyFailuresTests
{
    private static readonly ObjectKey Web = new("shop", "web");
    private static readonly ObjectKey Deny = new("shop", "deny");
    private readonly PolicyFailures failures = new();

    [Fact]
    public void A_failure_is_told_once_and_again_when_it_was_in_force_in_between()
    {
        failures.Refuse(Set("a", Web, Deny), "full");
        Assert.Equal([(Web, "full"), (Deny, "full")], failures.Untold());
        failures.Clear();
        failures.Note(Set("a", Web), "full");
        Assert.Empty(failures.Untold());
        failures.Clear();
        Assert.Empty(failures.Untold());
        failures.Note(Set("a", Web), "full again");
        Assert.Equal([(Web, "full again")], failures.Untold());
    }

    [Fact]
    public void A_set_that_was_refused_is_not_tried_for_the_next_pod_but_after_all_is_tried_anew()
    {
        var set = Set("a", Web);
        failures.Refuse(set, "full");
        Assert.True(failures.IsRefused(set));
        // Compiled anew, it may be another.
        Assert.False(failures.IsRefused(Set("a", Web)));
        failures.Clear();
        Assert.False(failures.IsRefused(set));
        Assert.Empty(failures.ByPolicy);
    }

    private static PolicySet Set(string key, params ObjectKey[] policies) =>
        new(key, new SetDirection(policies, []), new SetDirection([], []));
}
