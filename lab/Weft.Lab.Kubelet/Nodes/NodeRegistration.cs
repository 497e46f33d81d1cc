using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab.Cni;

namespace Weft.Lab.Kubelet.Nodes;

/// <summary>The Node of this kubelet: made when there is none, its status kept true, its Lease renewed.</summary>
internal sealed class NodeRegistration(KubeletNode node)
{
    private const string LeaseNamespace = "kube-node-lease";
    private static readonly string Version =
        typeof(NodeRegistration).Assembly.GetName().Version?.ToString(fieldCount: 3) ?? "0";
    private IReadOnlyList<NodeCondition> before = [];

    private string Name => node.Files.Name;

    /// <summary>Makes or takes up the Node, and then tells of changes and of being alive until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await RegisterAsync(cancel);
        node.Log.Registered(Name);
        using var changed = new SemaphoreSlim(1);
        using var watcher = new FileSystemWatcher(node.Files.CniConfig) { EnableRaisingEvents = true };
        watcher.Created += (_, _) => changed.Release();
        watcher.Deleted += (_, _) => changed.Release();
        watcher.Renamed += (_, _) => changed.Release();
        while (true)
        {
            await changed.WaitAsync(Pace.LeaseRenewal, cancel);
            await TryAsync("renew the node's lease", RenewAsync, cancel);
            await TryAsync("write the node's status", WriteStatusAsync, cancel);
        }
    }

    private async Task RegisterAsync(CancellationToken cancel)
    {
        var labels = new Dictionary<string, string>
        {
            ["kubernetes.io/hostname"] = Name,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = "amd64",
        };
        var wanted = new Node
        {
            Metadata = new ObjectMeta { Name = Name, Labels = labels },
            Spec = new NodeSpec(),
        };
        for (var failures = 1; ; failures++)
        {
            try
            {
                await node.Client.CreateAsync(Kinds.Nodes, wanted, cancel);
                return;
            }
            catch (KubernetesException e) when (e.IsAlreadyExists)
            {
                var found = await node.Client.FindAsync(Kinds.Nodes, new ObjectKey(null, Name), cancel);
                before = found?.Status?.Conditions ?? [];
                return;
            }
            catch (KubernetesException e)
            {
                node.Log.WillTryAgain("register the node", e.Message);
                await Task.Delay(Pace.Backoff(failures, Pace.RetryFirst, Pace.RetryLongest), cancel);
            }
        }
    }

    private async Task RenewAsync(CancellationToken cancel)
    {
        var now = DateTimeOffset.UtcNow;
        var lease = new Lease
        {
            Metadata = new ObjectMeta { Namespace = LeaseNamespace, Name = Name },
            Spec = new LeaseSpec
            {
                HolderIdentity = Name,
                LeaseDurationSeconds = (int)Pace.LeaseDuration.TotalSeconds,
                RenewTime = now,
            },
        };
        await node.Client.ApplyAsync(Kinds.Leases, lease, "kubelet", force: true, cancel);
    }

    /// <summary>By strategic merge: others have conditions of their own in the list.</summary>
    private async Task WriteStatusAsync(CancellationToken cancel)
    {
        var status = NodeStatusOf.Build(node, NetworkProblem(), before, Version, DateTimeOffset.UtcNow);
        var change = new Node { Metadata = new ObjectMeta(), Status = status };
        var patch = JsonSerializer.SerializeToNode(change, Kinds.Nodes.Json)!.AsObject();

        // The key of that list is the type, and a node of two families has two of one type: so it is replaced whole.
        patch["status"]!["addresses"]!.AsArray().Add((JsonNode)new JsonObject { ["$patch"] = "replace" });
        await node.Client.PatchAsync(Kinds.Nodes, new ObjectKey(null, Name), Patch.Strategic(patch), cancel, "status");
        before = status.Conditions!;
    }

    /// <summary>Why pods get no network here, or null.</summary>
    private string? NetworkProblem()
    {
        try
        {
            return PluginList.Find(node.Files.CniConfig) is null ? "cni config uninitialized" : null;
        }
        catch (LabException e)
        {
            return e.Message;
        }
    }

    private async Task TryAsync(string what, Func<CancellationToken, Task> request, CancellationToken cancel)
    {
        try
        {
            await request(cancel);
        }
        catch (KubernetesException e)
        {
            // The next beat tries again.
            node.Log.WillTryAgain(what, e.Message);
        }
    }
}
