using Microsoft.Extensions.Logging;
using Weft.Agent.Kubernetes;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Agent.Readiness;

/// <summary>Tells the Node object that the network is there, as soon as it is, and again when somebody says otherwise.</summary>
internal sealed partial class ReadyNode
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly ObjectKey key;
    private readonly KubernetesClient client;
    private readonly ApiContact contact;
    private readonly Mirror<KubernetesNode> own;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Signal changed = new();
    private volatile bool isReady;

    public ReadyNode(
        string name,
        KubernetesClient client,
        ApiContact contact,
        Mirror<KubernetesNode> own,
        TimeProvider time,
        ILogger logger
    )
    {
        key = new ObjectKey(null, name);
        (this.client, this.contact, this.own, this.time, this.logger) = (client, contact, own, time, logger);
        own.Changed += _ => changed.Set();
    }

    /// <summary>The node can serve from now on.</summary>
    public void Ready()
    {
        isReady = true;
        changed.Set();
    }

    /// <summary>Patches until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await changed.WaitAsync(cancellation);
            // What was written down may be old; its conditions are not to be patched by.
            if (!isReady || !own.IsFresh || own.Get(key) is not { } node)
            {
                continue;
            }

            try
            {
                await TellAsync(node, cancellation);
            }
            catch (KubernetesException e)
            {
                if (!e.IsUnreachable)
                {
                    LogFailed(key.Name, e.Message);
                }

                await changed.WaitAsync(Pause, cancellation);
                changed.Set();
            }
        }
    }

    private async Task TellAsync(KubernetesNode node, CancellationToken cancellation)
    {
        if (NodeReadiness.ConditionPatch(node, time.GetUtcNow()) is { } condition)
        {
            await contact.AskAsync(
                ct => client.PatchAsync(Kinds.Nodes, key, Patch.Strategic(condition), ct, "status"),
                cancellation
            );
            LogAvailable(key.Name);
        }

        if (NodeReadiness.TaintPatch(node) is { } taint)
        {
            await contact.AskAsync(ct => client.PatchAsync(Kinds.Nodes, key, Patch.Json(taint), ct), cancellation);
            LogUntainted(key.Name);
        }
    }

    [LoggerMessage(LogLevel.Information, "The Node {Name} says that its network is available")]
    private partial void LogAvailable(string name);

    [LoggerMessage(LogLevel.Information, "The Node {Name} has lost its startup taint")]
    private partial void LogUntainted(string name);

    [LoggerMessage(LogLevel.Warning, "The Node {Name} cannot be told that its network is available: {Reason}")]
    private partial void LogFailed(string name, string reason);
}
