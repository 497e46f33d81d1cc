using Microsoft.Extensions.Logging.Abstractions;
using Weft.Agent.Endpoints;
using Weft.Agent.Identities;
using Weft.Contracts;
using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;
using Weft.Resources;

namespace Weft.Tests.Unit.Agent;

public sealed class PodIdentitiesTests : IAsyncLifetime
{
    private readonly KnownIdentities known = new();
    private TestCluster cluster = null!;
    private PodMirrors mirrors = null!;
    private PodIdentities identities = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await TestCluster.StartAsync();
        mirrors = new PodMirrors(
            await cluster.MirrorAsync(Kinds.Pods),
            await cluster.MirrorAsync(Kinds.Namespaces),
            await cluster.MirrorAsync(Kinds.NetworkPolicies),
            await cluster.MirrorAsync(WeftResources.Identities)
        );
        mirrors.Identities.Changed += known.Apply;
        identities = new PodIdentities(
            mirrors,
            known,
            cluster.Client,
            cluster.Contact,
            TimeProvider.System,
            NullLogger.Instance
        )
        {
            Patience = TimeSpan.FromMilliseconds(200),
        };
    }

    [Fact]
    public async Task A_pod_has_the_number_of_its_content_as_soon_as_the_operator_has_given_one()
    {
        var pod = await CreatePodAsync("web");
        var waiting = Task.Run(() => Patient().Await(new PodReference("default", "web", pod.Metadata.Uid)));
        await cluster.CreateAsync(WeftResources.Identities, Content(pod).ToIdentity(777));
        Assert.Equal(777u, await waiting);
    }

    [Fact]
    public async Task A_pod_whose_identity_does_not_come_is_to_be_tried_again_and_says_whose_work_is_missing()
    {
        var pod = await CreatePodAsync("web");
        var error = Assert
            .Throws<RequestException>(() => identities.Await(new PodReference("default", "web", pod.Metadata.Uid)))
            .Error;
        Assert.Equal(CniErrorCode.TryAgainLater, error.Code);
        Assert.Equal(
            $"the pod has no identity yet: weft-operator has not made the WeftIdentity {Content(pod).Name}; is it running?",
            error.Message
        );
    }

    [Fact]
    public async Task A_pod_of_the_same_name_that_is_another_one_is_not_it()
    {
        var pod = await CreatePodAsync("web");
        await cluster.CreateAsync(WeftResources.Identities, Content(pod).ToIdentity(777));
        var error = Assert
            .Throws<RequestException>(() => identities.Await(new PodReference("default", "web", "another")))
            .Error;
        Assert.StartsWith("the pod has no identity yet: the API server has no pod default/web", error.Message);
    }

    [Fact]
    public async Task With_the_server_away_known_pods_have_their_identity_and_others_are_unmanaged()
    {
        var pod = await CreatePodAsync("web");
        await cluster.CreateAsync(WeftResources.Identities, Content(pod).ToIdentity(777));
        await TestCluster.UntilAsync(mirrors.Pods, all => all.Count == 1);
        await TestCluster.UntilAsync(mirrors.Identities, all => all.Count == 1);
        await cluster.StopServerAsync();
        Assert.Equal(777u, identities.Await(new PodReference("default", "web", pod.Metadata.Uid)));
        Assert.Equal(ReservedIdentity.Unmanaged, identities.Await(new PodReference("default", "new", "u")));
    }

    [Fact]
    public async Task Keys_of_a_policy_that_is_gone_are_forgotten_in_time_though_nobody_asks()
    {
        var clock = new Clock();
        var keeper = new PodIdentities(mirrors, known, cluster.Client, cluster.Contact, clock, NullLogger.Instance);
        var policy = new NetworkPolicy
        {
            Metadata = new ObjectMeta { Name = "allow", Namespace = "default" },
            Spec = new NetworkPolicySpec
            {
                PodSelector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
            },
        };
        await cluster.CreateAsync(Kinds.NetworkPolicies, policy);
        await TestCluster.UntilAsync(mirrors.Policies, all => all.Count == 1);
        await cluster.Client.DeleteAsync(
            Kinds.NetworkPolicies,
            new ObjectKey("default", "allow"),
            null,
            TestContext.Current.CancellationToken
        );
        await TestCluster.UntilAsync(mirrors.Policies, all => all.Count == 0);

        Assert.InRange(keeper.NextKeys()!.Value, TimeSpan.FromTicks(1), PolicyKeyHistory.Linger);
        keeper.ForgetKeys();
        Assert.NotNull(keeper.NextKeys());
        clock.Now += PolicyKeyHistory.Linger;
        Assert.Equal(TimeSpan.Zero, keeper.NextKeys());
        keeper.ForgetKeys();
        Assert.Null(keeper.NextKeys());
    }

    [Fact]
    public void A_pod_that_the_runtime_did_not_name_is_unmanaged() =>
        Assert.Equal(ReservedIdentity.Unmanaged, identities.Await(null));

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    private PodIdentities Patient() =>
        new(mirrors, known, cluster.Client, cluster.Contact, TimeProvider.System, NullLogger.Instance)
        {
            Patience = TimeSpan.FromMinutes(1),
        };

    private Task<Pod> CreatePodAsync(string name) =>
        cluster.CreateAsync(
            Kinds.Pods,
            new Pod
            {
                Metadata = new ObjectMeta { Name = name, Namespace = "default" },
                Spec = new PodSpec { NodeName = "n1", Containers = [new Container { Name = "c", Image = "host" }] },
            }
        );

    private static IdentityContent Content(Pod pod) => IdentityContent.Of(pod, null, PodKeys.None)!;
}
