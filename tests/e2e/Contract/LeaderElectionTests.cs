using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>Our leader election with the real server's leases.</summary>
public abstract class LeaderElectionTests(ControlPlane cluster) : ContractTests(cluster)
{
    [Fact]
    public async Task The_next_leads_as_soon_as_the_leader_lets_go()
    {
        using var first = Candidate.Run(Client, Namespace, "first", Cancellation);
        await first.Leads.Task.WaitAsync(Cancellation);
        var lease = await LeaseAsync();
        Assert.Equal(("first", 0), (lease.HolderIdentity, lease.LeaseTransitions));

        using var second = Candidate.Run(Client, Namespace, "second", Cancellation);
        await EventuallyRenewedAsync(lease);
        Assert.False(second.Leads.Task.IsCompleted);

        // The lease lasts longer than the test's patience: only one that was let go can be had.
        await first.EndAsync();
        await second.Leads.Task.WaitAsync(Cancellation);
        lease = await LeaseAsync();
        Assert.Equal("second", lease.HolderIdentity);
        Assert.True(lease.LeaseTransitions > 0);
        await second.EndAsync();
        Assert.Equal("", (await LeaseAsync()).HolderIdentity ?? "");
    }

    [Fact]
    public async Task A_leader_whose_lease_another_took_stops()
    {
        using var first = Candidate.Run(Client, Namespace, "first", Cancellation);
        await first.Leads.Task.WaitAsync(Cancellation);
        var taken = Patch.Merge("""{"spec": {"holderIdentity": "thief"}}"""u8.ToArray());
        await Client.PatchAsync(Kinds.Leases, Key(Candidate.Lease), taken, Cancellation);
        await first.Stopped.Task.WaitAsync(Cancellation);
        Assert.Equal("thief", (await LeaseAsync()).HolderIdentity);
        await first.EndAsync();
    }

    private async Task<LeaseSpec> LeaseAsync() =>
        (await Client.GetAsync(Kinds.Leases, Key(Candidate.Lease), Cancellation)).Spec!;

    private async Task EventuallyRenewedAsync(LeaseSpec lease)
    {
        while ((await LeaseAsync()).RenewTime == lease.RenewTime)
        {
            await Task.Delay(50, Cancellation);
        }
    }

    /// <summary>One that wants to lead, and does nothing then.</summary>
    private sealed class Candidate(CancellationTokenSource ending) : IDisposable
    {
        public const string Lease = "weft-test";

        private Task running = Task.CompletedTask;

        public TaskCompletionSource Leads { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static Candidate Run(
            KubernetesClient client,
            string space,
            string identity,
            CancellationToken cancellation
        )
        {
            var election = new LeaderElection(
                client,
                new LeaderElectionOptions
                {
                    Namespace = space,
                    Name = Lease,
                    Identity = identity,
                    LeaseDuration = TimeSpan.FromMinutes(5),
                    RenewDeadline = TimeSpan.FromMinutes(4),
                    RetryPeriod = TimeSpan.FromMilliseconds(200),
                }
            );
            var candidate = new Candidate(CancellationTokenSource.CreateLinkedTokenSource(cancellation));
            candidate.running = election.RunAsync(candidate.LeadAsync, candidate.Ending);
            return candidate;
        }

        public async Task EndAsync()
        {
            await ending.CancelAsync();
            await Record.ExceptionAsync(() => running);
            Assert.True(running.IsCompletedSuccessfully || running.IsCanceled, running.Exception?.ToString());
        }

        public void Dispose() => ending.Dispose();

        private CancellationToken Ending => ending.Token;

        private async Task LeadAsync(CancellationToken lost)
        {
            Leads.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, lost);
            }
            finally
            {
                Stopped.TrySetResult();
            }
        }
    }
}
