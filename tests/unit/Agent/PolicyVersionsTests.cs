using Weft.Agent.Policy;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Agent;

public sealed class PolicyVersionsTests
{
    private readonly PolicyVersions versions = new();
    private readonly Clock clock = new();
    private bool covered = true;

    [Fact]
    public void What_identities_cover_is_in_force_at_once_and_only_once()
    {
        var policy = Policy("a");
        Assert.Equal([policy], Follow(policy).Set);
        Assert.True(Follow(policy).AreNone);
        var next = Policy("a");
        Assert.Equal([next], Follow(next).Set);
    }

    [Fact]
    public void A_version_that_waits_leaves_the_one_before_in_force()
    {
        Follow(Policy("a"));
        covered = false;
        var next = Policy("a");
        Assert.True(Follow(next).AreNone);
        Assert.Equal(new ObjectKey("x", "a"), Assert.Single(versions.Waiting).Key);
        covered = true;
        Assert.Equal([next], Follow(next).Set);
        Assert.Empty(versions.Waiting);
    }

    [Fact]
    public void After_5_s_it_is_in_force_whatever_is_missing_and_edits_do_not_put_that_off()
    {
        covered = false;
        Follow(Policy("a"));
        clock.Advance(4);
        var next = Policy("a");
        Assert.True(Follow(next).AreNone);
        Assert.Equal(TimeSpan.FromSeconds(1), versions.UntilOverdue(clock.GetUtcNow()));
        clock.Advance(1);
        var changes = Follow(next);
        Assert.Equal([next], changes.Set);
        Assert.Equal([new ObjectKey("x", "a")], changes.Overdue);
        Assert.Null(versions.UntilOverdue(clock.GetUtcNow()));
    }

    [Fact]
    public void A_policy_that_goes_waits_for_nobody()
    {
        Follow(Policy("a"));
        covered = false;
        Follow(Policy("a"), Policy("b"));
        var changes = Follow();
        Assert.Equal([new ObjectKey("x", "a")], changes.Removed);
        Assert.Empty(versions.Waiting);
        Assert.Equal(0, versions.Count);
    }

    [Fact]
    public void A_version_that_is_taken_back_waits_no_more()
    {
        var policy = Policy("a");
        Follow(policy);
        covered = false;
        Follow(Policy("a"));
        Assert.True(Follow(policy).AreNone);
        Assert.Empty(versions.Waiting);
    }

    private VersionChanges Follow(params NetworkPolicy[] policies) =>
        versions.Follow(policies, _ => covered, clock.Now);

    private static NetworkPolicy Policy(string name) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = "x", Name = name },
        };
}
