using System.Globalization;
using Weft.Kubernetes.Objects;
using Weft.Operator.Identities;
using Weft.Policy.Identities;
using Weft.Resources;
using Weft.Tests.Unit.Policy;

namespace Weft.Tests.Unit.Operator;

public sealed class IdentityStateTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse(
        "2026-01-01T00:00:00Z",
        CultureInfo.InvariantCulture
    );
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);
    private readonly IdentityState state = new(Grace);

    public IdentityStateTests()
    {
        Namespace("x");
        Policies("app");
    }

    [Fact]
    public void A_pods_identity_is_made_when_the_pod_appears()
    {
        var name = Assert.Single(Pod("a", "app=web"));
        var creation = Assert.IsType<IdentityStep.Create>(Step(name));
        Assert.Equal("namespace x\nlabel app=web\n", creation.Content.Canonical);
        Assert.Equal(creation.Content.PreferredNumber, creation.Number);
    }

    [Fact]
    public void Pods_that_are_alike_share_it_and_cost_nothing()
    {
        Pod("a", "app=web");
        Assert.Empty(Pod("b", "app=web,job=1"));
        Assert.Empty(Pod("b", "app=web,job=2"));
        Assert.Equal((1, 2), (state.Wanted, state.Pods));
    }

    [Fact]
    public void A_pod_on_its_nodes_network_or_one_that_has_ended_needs_none()
    {
        Assert.Empty(Pod("host", "app=web", hostNetwork: true));
        var name = Assert.Single(Pod("a", "app=web"));
        Assert.Equal([name], Pod("a", "app=web", phase: "Succeeded"));
        Assert.Equal(0, state.Wanted);
    }

    [Fact]
    public void A_pod_whose_namespace_is_not_known_yet_waits_for_it()
    {
        Assert.Empty(state.Follow(new("y", "a"), PodOf("y", "a", "app=web")));
        Assert.Single(Namespace("y"));
    }

    [Fact]
    public void A_policy_that_names_a_key_splits_and_the_old_identity_stays_until_the_grace_is_over()
    {
        var old = Made(Pod("a", "app=web,tier=front").Single());
        Pod("b", "app=web,tier=back");
        var split = Policies("app", "tier").ToList();
        Assert.Equal(3, split.Count);
        Assert.Equal(2, split.Count(name => Step(name) is IdentityStep.Create));
        Assert.Equal(Grace, Assert.IsType<IdentityStep.LookAgain>(Step(old.Metadata.Name!)).After);
        Assert.IsType<IdentityStep.Delete>(Step(old.Metadata.Name!, Grace));
    }

    [Fact]
    public void An_identity_that_a_slice_names_stays_however_long()
    {
        var identity = Made(Pod("a", "app=web").Single());
        var slice = Slice(identity.Spec.Id);
        state.Follow(null, slice);
        state.Follow(new ObjectKey("x", "a"), (Pod?)null);
        Assert.IsType<IdentityStep.Nothing>(Step(identity.Metadata.Name!, Grace * 2));
        Assert.Equal([identity.Metadata.Name], state.Follow(slice, null));
        Assert.IsType<IdentityStep.LookAgain>(Step(identity.Metadata.Name!, Grace * 2));
        Assert.IsType<IdentityStep.Delete>(Step(identity.Metadata.Name!, Grace * 3));
    }

    [Fact]
    public void A_pod_that_comes_within_the_grace_keeps_the_identity_and_the_grace_begins_anew()
    {
        var identity = Made(Pod("a", "app=web").Single());
        state.Follow(new ObjectKey("x", "a"), (Pod?)null);
        Step(identity.Metadata.Name!);
        Pod("b", "app=web");
        Assert.IsType<IdentityStep.Nothing>(Step(identity.Metadata.Name!, Grace));
        state.Follow(new ObjectKey("x", "b"), (Pod?)null);
        Assert.Equal(Grace, Assert.IsType<IdentityStep.LookAgain>(Step(identity.Metadata.Name!, Grace)).After);
    }

    [Fact]
    public void A_number_that_is_taken_is_passed_over()
    {
        var name = Pod("a", "app=web").Single();
        var wanted = ((IdentityStep.Create)Step(name)).Content;
        Take(Identity(IdentityContent.Of("other", null, null, [], PodKeys.None), wanted.PreferredNumber, Now));
        Assert.Equal(
            IdentityNumbers.InRange(wanted.PreferredNumber + 1 - 256),
            ((IdentityStep.Create)Step(name)).Number
        );
    }

    [Fact]
    public void A_creation_that_is_tried_again_has_the_number_of_the_first_try()
    {
        var name = Pod("a", "app=web").Single();
        Assert.Equal(((IdentityStep.Create)Step(name)).Number, ((IdentityStep.Create)Step(name)).Number);
    }

    [Fact]
    public void Of_two_with_one_number_the_younger_is_removed_and_made_again_with_another()
    {
        var first = ((IdentityStep.Create)Step(Pod("a", "app=web").Single())).Content;
        var second = ((IdentityStep.Create)Step(Pod("b", "app=db").Single())).Content;
        Take(Identity(first, 4711, Now));
        Assert.Equal(
            new[] { first.Name, second.Name }.Order(),
            Take(Identity(second, 4711, Now.AddSeconds(1))).Order()
        );
        Assert.IsType<IdentityStep.Nothing>(Step(first.Name));
        Assert.IsType<IdentityStep.Delete>(Step(second.Name));
        Assert.Contains(second.Name, state.Follow(new ObjectKey(null, second.Name), (WeftIdentity?)null));
        Assert.NotEqual(4711u, Assert.IsType<IdentityStep.Create>(Step(second.Name)).Number);
    }

    [Fact]
    public void An_identity_whose_name_does_not_follow_from_its_content_is_removed()
    {
        var content = IdentityContent.Of("x", null, null, [], PodKeys.None);
        var forged = Identity(content, 300, Now) with { Metadata = new ObjectMeta { Name = "x-forged" } };
        Take(forged);
        Assert.IsType<IdentityStep.Delete>(Step("x-forged"));
    }

    [Fact]
    public void A_namespaces_label_that_policies_name_moves_its_pods_and_no_other_does()
    {
        var peer = new NetworkPolicyPeer { NamespaceSelector = PolicyKeysTests.Selector("team") };
        Pod("a", "app=web");
        state.Follow(PolicyKeys.Of([PolicyKeysTests.Policy("y", new() { Ingress = [new() { From = [peer] }] })]));
        Assert.Empty(Namespace("x", "other=1"));
        Assert.Equal(2, Namespace("x", "team=a").Count());
        Assert.Empty(Namespace("x", "team=a,other=2"));
        Assert.Equal(2, Namespace("x", "team=b").Count());
    }

    [Fact]
    public void What_is_wanted_depends_on_the_end_and_not_on_the_way_there()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var walked = new IdentityState(Grace);
            var (pods, namespaces, keys) = (
                new Dictionary<ObjectKey, Pod>(),
                new Dictionary<string, Namespace>(),
                PolicyKeys.Of([])
            );
            for (var step = 0; step < 200; step++)
            {
                var ns = $"ns{random.Next(3)}";
                var key = new ObjectKey(ns, $"p{random.Next(6)}");
                switch (random.Next(6))
                {
                    case 0:
                        pods.Remove(key);
                        walked.Follow(key, (Pod?)null);
                        break;
                    case 1:
                        namespaces[ns] = NamespaceOf(ns, $"team={random.Next(2)}");
                        walked.Follow(new ObjectKey(null, ns), namespaces[ns]);
                        break;
                    case 2:
                        var peer = new NetworkPolicyPeer { NamespaceSelector = PolicyKeysTests.Selector("team") };
                        keys = PolicyKeys.Of([
                            PolicyKeysTests.Policy(
                                ns,
                                new() { PodSelector = PolicyKeysTests.Selector($"k{random.Next(3)}") }
                            ),
                            PolicyKeysTests.Policy(
                                ns,
                                new() { Ingress = random.Next(2) == 0 ? [new() { From = [peer] }] : [] }
                            ),
                        ]);
                        walked.Follow(keys);
                        break;
                    default:
                        pods[key] = PodOf(ns, key.Name, $"k0={random.Next(2)},k1={random.Next(2)}");
                        walked.Follow(key, pods[key]);
                        break;
                }
            }

            var direct = new IdentityState(Grace);
            direct.Follow(keys);
            namespaces.Values.ToList().ForEach(ns => direct.Follow(ObjectKey.Of(ns), ns));
            pods.Values.ToList().ForEach(pod => direct.Follow(ObjectKey.Of(pod), pod));
            Assert.Equal(direct.Names.Order(), walked.Names.Order());
            Assert.Equal(direct.Pods, walked.Pods);
        }
    }

    private IdentityStep Step(string name, TimeSpan later = default) => state.StepFor(name, Now + later);

    private WeftIdentity Made(string name)
    {
        var creation = (IdentityStep.Create)Step(name);
        var made = Identity(creation.Content, creation.Number, Now);
        Take(made);
        return made;
    }

    private IEnumerable<string> Take(WeftIdentity identity) => state.Follow(ObjectKey.Of(identity), identity);

    private IEnumerable<string> Pod(string name, string labels, bool hostNetwork = false, string? phase = null) =>
        state.Follow(new ObjectKey("x", name), PodOf("x", name, labels, hostNetwork, phase));

    private IEnumerable<string> Namespace(string name, string labels = "") =>
        state.Follow(new ObjectKey(null, name), NamespaceOf(name, labels));

    private IEnumerable<string> Policies(params IEnumerable<string> keys) =>
        state.Follow(
            PolicyKeys.Of(
                keys.Select(key => PolicyKeysTests.Policy("x", new() { PodSelector = PolicyKeysTests.Selector(key) }))
            )
        );

    private static WeftIdentity Identity(IdentityContent content, uint number, DateTimeOffset created)
    {
        var identity = content.ToIdentity(number);
        return identity with { Metadata = identity.Metadata with { CreationTimestamp = created, Uid = content.Name } };
    }

    private static WeftEndpointSlice Slice(uint identity) =>
        new()
        {
            Metadata = new ObjectMeta { Name = "n-0" },
            NodeName = "n",
            Endpoints =
            [
                new WeftEndpoint
                {
                    Namespace = "x",
                    Pod = "a",
                    Ips = ["10.0.0.1"],
                    Identity = identity,
                },
            ],
        };

    private static Pod PodOf(string ns, string name, string labels, bool hostNetwork = false, string? phase = null) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = ns,
                Name = name,
                Labels = Labels(labels),
            },
            Spec = new PodSpec { HostNetwork = hostNetwork },
            Status = new PodStatus { Phase = phase },
        };

    private static Namespace NamespaceOf(string name, string labels) =>
        new()
        {
            Metadata = new ObjectMeta { Name = name, Labels = Labels(labels) },
        };

    private static Dictionary<string, string> Labels(string labels) =>
        labels
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(label => label.Split('='))
            .ToDictionary(label => label[0], label => label[1]);
}
