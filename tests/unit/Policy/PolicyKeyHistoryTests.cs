using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;
using Weft.Resources;

namespace Weft.Tests.Unit.Policy;

public sealed class PolicyKeyHistoryTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PolicyKeyHistory history = new();

    [Fact]
    public void Keys_of_a_policy_that_is_gone_count_for_a_while()
    {
        history.Gone(Policy("app"), Now);
        Assert.Equal(["app", "tier"], history.Keys([Policy("tier")], Now).For("x").Labels);
        Assert.Equal(PolicyKeyHistory.Linger, history.UntilNext(Now));
        Assert.Equal(TimeSpan.Zero, history.UntilNext(Now + 2 * PolicyKeyHistory.Linger));
        Assert.Equal(["tier"], history.Keys([Policy("tier")], Now + PolicyKeyHistory.Linger).For("x").Labels);
        Assert.Null(history.UntilNext(Now));
    }

    [Fact]
    public void An_identity_covers_the_keys_it_was_made_for_present_or_not()
    {
        var identity = new WeftIdentitySpec
        {
            Id = 300,
            Namespace = "x",
            Labels = new Dictionary<string, string> { ["app"] = "web" },
            AbsentLabels = ["tier"],
            AbsentNamespaceLabels = ["team"],
            Ports =
            [
                new WeftIdentityPort
                {
                    Name = "http",
                    Protocol = "TCP",
                    Port = 80,
                },
            ],
            AbsentPorts = ["dns/UDP"],
        };
        Assert.True(identity.Covers(PodKeys.None));
        Assert.True(identity.Covers(new PodKeys(["app", "tier"], ["team"], [])));
        Assert.False(identity.Covers(new PodKeys(["zone"], [], [])));
        Assert.False(identity.Covers(new PodKeys([], ["app"], [])));
        Assert.True(identity.Covers(new PodKeys([], [], [new PortName("http", "TCP"), new PortName("dns", "UDP")])));
        Assert.False(identity.Covers(new PodKeys([], [], [new PortName("http", "UDP")])));
    }

    private static NetworkPolicy Policy(string key) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = "x", Name = key },
            Spec = new NetworkPolicySpec
            {
                PodSelector = new LabelSelector { MatchLabels = new Dictionary<string, string> { [key] = "" } },
            },
        };
}
