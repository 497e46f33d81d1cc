using System.Globalization;
using Microsoft.Extensions.Logging;
using Weft.Agent.Kubernetes;
using Weft.Agent.Peers;
using Weft.Contracts;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Agent.Publishing;

/// <summary>
/// Writes the node's pods into its WeftEndpointSlices. The first change is written at once; what changes while it is
/// being written, and a moment after, goes into the next write: a hundred pods at once are a handful of writes.
/// </summary>
internal sealed partial class SlicePublisher
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly string node;
    private readonly KubernetesClient client;
    private readonly ApiContact contact;
    private readonly Mirror<WeftNode> nodes;
    private readonly ILogger logger;
    private readonly Signal changed = new();
    private readonly Lock gate = new();
    private readonly SliceAssignment assignment = new();
    private readonly HashSet<int> owed = [];
    private readonly Dictionary<int, SliceVersion> versions = [];
    private string? owner;

    public SlicePublisher(
        string node,
        KubernetesClient client,
        ApiContact contact,
        Mirror<WeftNode> nodes,
        Mirror<RemoteSlice> slices,
        ILogger logger
    )
    {
        (this.node, this.client, this.contact, this.nodes, this.logger) = (node, client, contact, nodes, logger);
        slices.Changed += Heard;
        nodes.Changed += change =>
        {
            if (change.Key.Name == node)
            {
                changed.Set();
            }
        };
        contact.Returned += changed.Set;
    }

    /// <summary>How many slices there are, and how many of them are not written yet.</summary>
    public (int Slices, int Owed) Counts
    {
        get
        {
            lock (gate)
            {
                return (assignment.Slices.Count, owed.Count);
            }
        }
    }

    /// <summary>The node's pods have changed.</summary>
    public void Changed() => changed.Set();

    /// <summary>Writes until cancelled.</summary>
    /// <param name="endpoints">The node's pods as they are now.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(Func<IEnumerable<Endpoints.Endpoint>> endpoints, CancellationToken cancellation)
    {
        var pause = FirstPause;
        var adopted = false;
        while (true)
        {
            try
            {
                if (!adopted)
                {
                    await AdoptAsync(cancellation);
                    adopted = true;
                }

                await WriteAsync(Published(endpoints()), cancellation);
                pause = FirstPause;
                await Task.Delay(Rest, cancellation);
                await changed.WaitAsync(cancellation);
            }
            catch (KubernetesException e)
            {
                if (!e.IsUnreachable)
                {
                    LogFailed(e.Message);
                }

                // The API server's return ends the pause.
                await changed.WaitAsync(pause * (0.75 + (Random.Shared.NextDouble() / 2)), cancellation);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <summary>What others read of a pod; one that the runtime did not name is none that a slice can hold.</summary>
    internal static Dictionary<AttachmentId, WeftEndpoint> Published(IEnumerable<Endpoints.Endpoint> endpoints) =>
        endpoints
            .Where(endpoint => endpoint.Pod is not null)
            .ToDictionary(
                endpoint => endpoint.Id,
                endpoint => new WeftEndpoint
                {
                    Namespace = endpoint.Pod!.Namespace,
                    Pod = endpoint.Pod.Name,
                    Uid = endpoint.Pod.Uid,
                    Ips = [.. endpoint.Ips.Select(ip => ip.ToString())],
                    Identity = endpoint.Identity,
                }
            );

    /// <summary>Takes up the slices of before; each is written once, for nobody knows what became of it meanwhile.</summary>
    private async Task AdoptAsync(CancellationToken cancellation)
    {
        var options = new ListOptions { LabelSelector = $"{WeftGroup.NodeLabel}={node}" };
        var list = await contact.AskAsync(
            ct => client.ListAsync(WeftResources.EndpointSlices, options, ct),
            cancellation
        );
        lock (gate)
        {
            foreach (var slice in list.Items ?? [])
            {
                if (NumberOf(slice.Metadata.Name!) is { } number)
                {
                    assignment.Adopt(number, slice.Endpoints);
                    owed.Add(number);
                }
            }
        }
    }

    private async Task WriteAsync(Dictionary<AttachmentId, WeftEndpoint> now, CancellationToken cancellation)
    {
        if (nodes.Get(new ObjectKey(null, node))?.Metadata.Uid is not { } uid)
        {
            // Its registration comes first, and is a change.
            return;
        }

        List<(int Slice, IReadOnlyList<WeftEndpoint> Endpoints)> writes;
        lock (gate)
        {
            owed.UnionWith(assignment.Update(now));
            if (owner != uid)
            {
                // The server removes what belonged to the WeftNode of before.
                owner = uid;
                owed.UnionWith(assignment.Slices);
            }

            writes = [.. owed.Select(slice => (slice, assignment.Endpoints(slice)))];
            owed.Clear();
            foreach (var (slice, _) in writes)
            {
                VersionOf(slice).Begin();
            }
        }

        var failures = await Task.WhenAll(
            writes.Select(write => TryWriteAsync(write.Slice, write.Endpoints, cancellation))
        );
        if (failures.FirstOrDefault(failure => failure is not null) is { } failure)
        {
            throw failure;
        }
    }

    private async Task<KubernetesException?> TryWriteAsync(
        int slice,
        IReadOnlyList<WeftEndpoint> endpoints,
        CancellationToken cancellation
    )
    {
        try
        {
            await WriteAsync(slice, endpoints, cancellation);
            return null;
        }
        catch (KubernetesException e)
        {
            lock (gate)
            {
                owed.Add(slice);
            }

            return e;
        }
    }

    private async Task WriteAsync(int slice, IReadOnlyList<WeftEndpoint> endpoints, CancellationToken cancellation)
    {
        if (endpoints.Count == 0)
        {
            try
            {
                await contact.AskAsync(
                    async ct =>
                    {
                        await client.DeleteAsync(WeftResources.EndpointSlices, KeyOf(slice), null, ct);
                        return true;
                    },
                    cancellation
                );
            }
            catch (KubernetesException e) when (e.IsNotFound) { }

            Wrote(slice, null);
            return;
        }

        var written = await contact.AskAsync(
            ct =>
                client.ApplyAsync(
                    WeftResources.EndpointSlices,
                    Slice(slice, endpoints),
                    WeftGroup.AgentManager,
                    force: true,
                    ct
                ),
            cancellation
        );
        Wrote(slice, written.Metadata.ResourceVersion);
    }

    private WeftEndpointSlice Slice(int slice, IReadOnlyList<WeftEndpoint> endpoints) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Name = KeyOf(slice).Name,
                Labels = new Dictionary<string, string> { [WeftGroup.NodeLabel] = node },
                OwnerReferences =
                [
                    new OwnerReference
                    {
                        ApiVersion = WeftGroup.ApiVersion,
                        Kind = WeftResources.Nodes.Kind,
                        Name = node,
                        Uid = owner!,
                    },
                ],
            },
            NodeName = node,
            Endpoints = endpoints,
        };

    private void Wrote(int slice, string? version)
    {
        lock (gate)
        {
            if (!VersionOf(slice).IsLatest(version))
            {
                owed.Add(slice);
                changed.Set();
            }
        }
    }

    /// <summary>Somebody else may have changed or removed a slice of this node: it is written again.</summary>
    private void Heard(Change<RemoteSlice> change)
    {
        if (NumberOf(change.Key.Name) is not { } slice)
        {
            return;
        }

        lock (gate)
        {
            if (VersionOf(slice).IsForeign(change.New?.Metadata.ResourceVersion))
            {
                owed.Add(slice);
                changed.Set();
            }
        }
    }

    private SliceVersion VersionOf(int slice)
    {
        if (!versions.TryGetValue(slice, out var version))
        {
            versions[slice] = version = new SliceVersion();
        }

        return version;
    }

    private ObjectKey KeyOf(int slice) => new(null, $"{node}-{slice.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>The number in a slice's name; null when it is none of this node's.</summary>
    private int? NumberOf(string name) =>
        name.StartsWith(node + "-", StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(node.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    [LoggerMessage(LogLevel.Warning, "This node's pods cannot be published; it is tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
