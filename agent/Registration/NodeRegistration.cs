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
    private readonly Mirror<WeftNode> nodes;
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
        (this.name, this.client, this.contact, this.own, this.nodes) = (name, client, contact, own, nodes);
        (this.time, this.logger) = (time, logger);
        own.Changed += change =>
        {
            if (change.Old?.Metadata.Uid != change.New?.Metadata.Uid)
            {
                Again();
            }
        };
        nodes.Changed += change =>
        {
            // Deleted, or changed by somebody else.
            if (
                change.Key.Name == name
                && Volatile.Read(ref applied) is { } said
                && !(change.New?.Spec?.Addresses ?? []).SequenceEqual(said.Addresses)
            )
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
        while (true)
        {
            var declaration = declare();
            if (
                declaration is not null
                && own.Get(new ObjectKey(null, name)) is { Metadata.Uid: { } uid }
                && declaration != Volatile.Read(ref applied)
            )
            {
                try
                {
                    // Noted first: the object's removal in between is not to be missed.
                    Volatile.Write(ref applied, declaration);
                    await ApplyAsync(declaration, uid, cancellation);
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

    private async Task ApplyAsync(NodeDeclaration declaration, string uid, CancellationToken cancellation)
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
                    declaration.ToStatus(name, Since(declaration.Health)),
                    WeftGroup.AgentManager,
                    force: true,
                    ct,
                    "status"
                ),
            cancellation
        );
    }

    /// <summary>When the condition became what it is: what the object says, while it says the same.</summary>
    private DateTimeOffset Since(NodeHealth health) =>
        nodes
            .Get(new ObjectKey(null, name))
            ?.Status?.Conditions?.FirstOrDefault(condition => condition.Type == WeftNodeStatus.Ready)
            is { LastTransitionTime: { } since } present
        && present.Status == health.Status
            ? since
            : time.GetUtcNow();

    [LoggerMessage(LogLevel.Information, "The WeftNode {Name} says what this node is: {Reason}")]
    private partial void LogRegistered(string name, string reason);

    [LoggerMessage(LogLevel.Warning, "The WeftNode {Name} cannot be written; it is tried again: {Reason}")]
    private partial void LogFailed(string name, string reason);
}
