using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Agent.Kubernetes;

/// <summary>
/// Whether the API server answers, and since when. Everybody who asks it something tells; while nobody does, it is asked
/// for this node, rarely. Logs when it changes, and not in between.
/// </summary>
internal sealed partial class ApiContact(KubernetesClient client, string node, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WhileThere = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WhileAway = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();
    private bool? there;

    /// <summary>When it began to be as it is; null when nobody has asked yet.</summary>
    public DateTimeOffset? Since { get; private set; }

    /// <summary>True when the last who asked got no answer.</summary>
    public bool IsAway
    {
        get
        {
            lock (gate)
            {
                return there == false;
            }
        }
    }

    /// <summary>The server answers again.</summary>
    public event Action? Returned;

    /// <summary>Asks, and takes a refusal for the answer that it is.</summary>
    /// <exception cref="KubernetesException">The server refused, or does not answer (<see cref="KubernetesException.IsUnreachable"/>).</exception>
    public async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> question, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            var answer = await question(patience.Token);
            Tell(true, "");
            return answer;
        }
        catch (KubernetesException e)
        {
            Tell(!e.IsUnreachable, e.Message);
            throw;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var silent = new KubernetesException($"the API server did not answer within {Patience.TotalSeconds:F0} s");
            Tell(false, silent.Message);
            throw silent;
        }
    }

    /// <summary>Asks now and then, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await AskAsync(ct => client.FindAsync(Kinds.Nodes, new ObjectKey(null, node), ct), cancellation);
            }
            catch (KubernetesException)
            {
                // Told already.
            }

            // Not all nodes at once.
            var pause = IsAway ? WhileAway : WhileThere;
            await Task.Delay(pause * (0.75 + (Random.Shared.NextDouble() / 2)), time, cancellation);
        }
    }

    private void Tell(bool answers, string why)
    {
        lock (gate)
        {
            if (there == answers)
            {
                return;
            }

            there = answers;
            Since = time.GetUtcNow();
        }

        if (answers)
        {
            LogThere();
            Returned?.Invoke();
        }
        else
        {
            LogAway(why);
        }
    }

    [LoggerMessage(LogLevel.Information, "The API server answers")]
    private partial void LogThere();

    [LoggerMessage(
        LogLevel.Warning,
        "The API server does not answer; pods go on as they are, with what was learned of it: {Why}"
    )]
    private partial void LogAway(string why);
}
