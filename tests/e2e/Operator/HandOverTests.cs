using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Operator;

/// <summary>The published operator, twice, in the midst of work that its leader leaves to the other.</summary>
public sealed partial class HandOverTests
{
    private const int SigTerm = 15;
    private const int Pods = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_leader_that_is_told_to_end_gives_the_lease_up_and_the_other_goes_on_where_it_was()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await using var cluster = await OperatorCluster.StartAsync(patience.Token);
        await cluster.Client.CreateAsync(Kinds.NetworkPolicies, Policy(), patience.Token);
        // Every holder of the Lease, "" when it was given up.
        var holders = new List<string>();
        var leases = new Informer<Lease>(cluster.Client, Kinds.Leases);
        leases.Changed += change => Note(holders, change.New?.Spec?.HolderIdentity ?? "");
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        var watch = leases.RunAsync(watching.Token);

        using var first = new OperatorProgram(cluster.Kubeconfig);
        await MakePodsAsync(cluster, 0, patience.Token);
        await cluster.UntilAsync(() => cluster.Identities.Count > 0, patience.Token);
        using var second = new OperatorProgram(cluster.Kubeconfig);
        await second.UntilItServesAsync(patience.Token);
        var more = MakePodsAsync(cluster, Pods, patience.Token);
        first.Terminate();
        Assert.Equal(0, await first.EndedAsync(patience.Token));
        await more;
        await cluster.UntilAsync(() => cluster.Identities.Count == 2 * Pods, patience.Token);
        second.Terminate();
        Assert.Equal(0, await second.EndedAsync(patience.Token));

        await watching.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);
        Assert.Distinct(cluster.Identities.List().Select(identity => identity.Spec.Id));
        // Given up and not run out: the other one did not have to wait for it.
        Assert.Equal(2, holders.Where(holder => holder.Length > 0).Distinct().Count());
        Assert.Equal(3, holders.Take(3).Distinct().Count());
        Assert.Equal("", holders[1]);
    }

    private static void Note(List<string> holders, string holder)
    {
        if (holders.Count == 0 || holders[^1] != holder)
        {
            holders.Add(holder);
        }
    }

    private static async Task MakePodsAsync(OperatorCluster cluster, int first, CancellationToken cancellation)
    {
        for (var number = first; number < first + Pods; number++)
        {
            var pod = new Pod
            {
                Metadata = new ObjectMeta
                {
                    Namespace = "default",
                    Name = $"p{number}",
                    Labels = new Dictionary<string, string> { ["app"] = $"a{number}" },
                },
                Spec = new PodSpec { Containers = [new Container { Name = "main", Image = "host" }] },
            };
            await cluster.Client.CreateAsync(Kinds.Pods, pod, cancellation);
        }
    }

    private static NetworkPolicy Policy() =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = "default", Name = "app" },
            Spec = new NetworkPolicySpec
            {
                PodSelector = new LabelSelector { MatchExpressions = [new() { Key = "app", Operator = "Exists" }] },
            },
        };

    private sealed partial class OperatorProgram : IDisposable
    {
        private readonly string config = Path.GetTempFileName();
        private readonly TaskCompletionSource serves = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Process process;

        public OperatorProgram(string kubeconfig)
        {
            File.WriteAllText(config, """{"listen": "127.0.0.1:0"}""");
            var program = Path.Combine(Path.GetDirectoryName(WeftCommand.Path)!, "weft-operator");
            process = Process.Start(
                new ProcessStartInfo(program, ["--config", config, "--kubeconfig", kubeconfig])
                {
                    RedirectStandardOutput = true,
                }
            )!;
            process.OutputDataReceived += (_, line) =>
            {
                if (line.Data is { } text && Serves().IsMatch(text))
                {
                    serves.TrySetResult();
                }
            };
            process.BeginOutputReadLine();
        }

        public Task UntilItServesAsync(CancellationToken cancellation) => serves.Task.WaitAsync(cancellation);

        public void Terminate() => Assert.Equal(0, Kill(process.Id, SigTerm));

        public async Task<int> EndedAsync(CancellationToken cancellation)
        {
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode;
        }

        public void Dispose()
        {
            process.Kill();
            process.Dispose();
            File.Delete(config);
        }

        [GeneratedRegex("Health and metrics are at")]
        private static partial Regex Serves();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
