using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Kubernetes;

public sealed class LeaderElectionTests : IAsyncDisposable
{
    private readonly LeaseServer lease = new();
    private readonly ScriptedServer server;
    private readonly KubernetesClient client;
    private int leaders;

    public LeaderElectionTests()
    {
        server = new ScriptedServer(lease.AnswerAsync);
        client = Clients.Of(server.Connection);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_leader_that_stops_hands_over_at_once()
    {
        using var stop = new CancellationTokenSource();
        var (first, running) = Lead("first", lease: TimeSpan.FromHours(1), cancellation: stop.Token);
        await first;
        var (second, later) = Lead(
            "second",
            lease: TimeSpan.FromHours(1),
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal("first", lease.Spec("holderIdentity"));
        Assert.Equal("3600", lease.Spec("leaseDurationSeconds"));
        Assert.Equal("0", lease.Spec("leaseTransitions"));
        Assert.False(second.IsCompleted);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await second;
        Assert.Equal("second", lease.Spec("holderIdentity"));
        Assert.Equal("1", lease.Spec("leaseTransitions"));
        _ = later;
    }

    [Fact]
    public async Task A_leader_that_dies_is_followed_when_its_lease_is_over()
    {
        using var stop = new CancellationTokenSource();
        var (first, running) = Lead("first", lease: TimeSpan.FromSeconds(1), release: false, cancellation: stop.Token);
        await first;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal("first", lease.Spec("holderIdentity"));

        var (second, _) = Lead(
            "second",
            lease: TimeSpan.FromSeconds(1),
            cancellation: TestContext.Current.CancellationToken
        );
        await second;
        Assert.Equal("second", lease.Spec("holderIdentity"));
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_stops_leading()
    {
        var (first, running) = Lead(
            "first",
            lease: TimeSpan.FromSeconds(2),
            renewDeadline: TimeSpan.FromMilliseconds(100),
            cancellation: TestContext.Current.CancellationToken
        );
        await first;
        lease.IsAway = true;
        await running;
        Assert.Equal(0, leaders);
    }

    [Fact]
    public async Task A_leader_whose_lease_somebody_took_stops_leading()
    {
        var (first, running) = Lead(
            "first",
            lease: TimeSpan.FromHours(1),
            cancellation: TestContext.Current.CancellationToken
        );
        await first;
        var taken = await client.GetAsync(
            Kinds.Leases,
            new("kube-system", "weft"),
            TestContext.Current.CancellationToken
        );
        while (lease.Spec("holderIdentity") == "first")
        {
            try
            {
                await client.ReplaceAsync(
                    Kinds.Leases,
                    taken with
                    {
                        Spec = taken.Spec! with { HolderIdentity = "thief" },
                    },
                    TestContext.Current.CancellationToken
                );
            }
            catch (KubernetesException e) when (e.IsConflict)
            {
                taken = await client.GetAsync(
                    Kinds.Leases,
                    new("kube-system", "weft"),
                    TestContext.Current.CancellationToken
                );
            }
        }

        await running;
        Assert.Equal("thief", lease.Spec("holderIdentity"));
    }

    [Fact]
    public async Task There_is_never_more_than_one_leader_while_they_come_and_go()
    {
        var candidates = Enumerable
            .Range(0, 5)
            .Select(async n =>
            {
                for (var turn = 0; turn < 4; turn++)
                {
                    using var stop = new CancellationTokenSource();
                    var (leading, running) = Lead($"c{n}", lease: TimeSpan.FromHours(1), cancellation: stop.Token);
                    await leading;
                    await Task.Yield();
                    await stop.CancelAsync();
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
                }
            });
        await Task.WhenAll(candidates);
        Assert.Equal("19", lease.Spec("leaseTransitions"));
    }

    [Fact]
    public void Times_that_contradict_each_other_are_refused() =>
        Assert.Throws<ArgumentException>(() =>
            new LeaderElection(
                client,
                new LeaderElectionOptions
                {
                    Namespace = "n",
                    Name = "l",
                    Identity = "i",
                    LeaseDuration = TimeSpan.FromSeconds(5),
                    RenewDeadline = TimeSpan.FromSeconds(6),
                }
            )
        );

    /// <summary>A candidate. The first task ends when it leads, the second when it does no more.</summary>
    private (Task Leading, Task Running) Lead(
        string identity,
        TimeSpan lease,
        TimeSpan? renewDeadline = null,
        bool release = true,
        CancellationToken cancellation = default
    )
    {
        var leading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var election = new LeaderElection(
            client,
            new LeaderElectionOptions
            {
                Namespace = "kube-system",
                Name = "weft",
                Identity = identity,
                LeaseDuration = lease,
                RenewDeadline = renewDeadline ?? lease * 0.9,
                RetryPeriod = TimeSpan.FromMilliseconds(5),
                ReleaseOnCancel = release,
            }
        );
        return (leading.Task, Task.Run(() => election.RunAsync(WorkAsync, cancellation), CancellationToken.None));

        async Task WorkAsync(CancellationToken lost)
        {
            Assert.Equal(1, Interlocked.Increment(ref leaders));
            leading.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, lost);
            }
            finally
            {
                Interlocked.Decrement(ref leaders);
            }
        }
    }
}
