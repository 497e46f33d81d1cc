using Microsoft.Extensions.Logging;
using Weft.Agent.Kubernetes;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Agent.Registration;

/// <summary>Keeps what this node says of itself in its WeftNode, by server-side apply; writes when it has changed.</summary>
internal sealed partial class NodeRegistration
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private readonly string name;
    private readonly KubernetesClient client;
    private readonly ApiContact contact;
    private readonly Mirror<KubernetesNode> own;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Signal changed = new();
    private NodeDeclaration? applied;

    public NodeRegistration(
        string name,
        KubernetesClient client,
        ApiContact contact,
        Mirror<KubernetesNode> own,
        Mirror<WeftNode> nodes,
        TimeProvider time,
        ILogger logger
    )
    {
        (this.name, this.client, this.contact, this.own, this.time, this.logger) = (name, client, contact, own, time, logger);
        own.Changed += change =>
        {
            if (change.Old?.Metadata.Uid != change.New?.Metadata.Uid)
            {
                Again();
            }
        };
        nodes.Changed += change =>
        {
            if (change.Key.Name == name && change.New is null)
            {
                Again();
            }
        };
        contact.Returned += changed.Set;
    }

    /// <summary>Something of what the node says may be other than it was.</summary>
    public void Changed() => changed.Set();

    /// <summary>Writes until cancelled.</summary>
    /// <param name="declare">What the node says now; null while it knows nothing.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(Func<NodeDeclaration?> declare, CancellationToken cancellation)
    {
        var pause = FirstPause;
        DateTimeOffset since = time.GetUtcNow();
        while (true)
        {
            var declaration = declare();
            if (
                declaration is not null
                && own.Get(new ObjectKey(null, name)) is { Metadata.Uid: { } uid }
                && declaration != Volatile.Read(ref applied)
            )
            {
                if (applied?.Health.IsReady != declaration.Health.IsReady)
                {
                    since = time.GetUtcNow();
                }

                try
                {
                    // Noted first: the object's removal in between is not to be missed.
                    Volatile.Write(ref applied, declaration);
                    await ApplyAsync(declaration, uid, since, cancellation);
                    LogRegistered(name, declaration.Health.Reason);
                    pause = FirstPause;
                }
                catch (KubernetesException e)
                {
                    Volatile.Write(ref applied, null);
                    if (!e.IsUnreachable)
                    {
                        LogFailed(name, e.Message);
                    }

                    await changed.WaitAsync(pause * (0.75 + (Random.Shared.NextDouble() / 2)), cancellation);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                    continue;
                }
            }

            await changed.WaitAsync(cancellation);
        }
    }

    private void Again()
    {
        Volatile.Write(ref applied, null);
        changed.Set();
    }

    private async Task ApplyAsync(
        NodeDeclaration declaration,
        string uid,
        DateTimeOffset since,
        CancellationToken cancellation
    )
    {
        await contact.AskAsync(
            ct =>
                client.ApplyAsync(
                    WeftResources.Nodes,
                    declaration.ToSpec(name, uid),
                    WeftGroup.AgentManager,
                    force: true,
                    ct
                ),
            cancellation
        );
        await contact.AskAsync(
            ct =>
                client.ApplyAsync(
                    WeftResources.Nodes,
                    declaration.ToStatus(name, since),
                    WeftGroup.AgentManager,
                    force: true,
                    ct,
                    "status"
                ),
            cancellation
        );
    }

    [LoggerMessage(LogLevel.Information, "The WeftNode {Name} says what this node is: {Reason}")]
    private partial void LogRegistered(string name, string reason);

    [LoggerMessage(LogLevel.Warning, "The WeftNode {Name} cannot be written; it is tried again: {Reason}")]
    private partial void LogFailed(string name, string reason);
}
