using Weft.Kubernetes.Objects;
using Weft.Lab.Kubelet.Containers;

namespace Weft.Lab.Kubelet.Pods;

/// <summary>
/// One pod on this node from its first sight to its last: network, init containers, containers, end. What a kubelet
/// before this one made, it finds in the pod's record and goes on with.
/// </summary>
internal sealed class PodLife : IDisposable
{
    private const long DefaultGraceSeconds = 30;

    private readonly KubeletNode node;
    private readonly PodFiles files;
    private readonly PodEvents events;
    private readonly PodStatusWriter status;
    private readonly CancellationTokenSource stop = new();
    private readonly Lock saving = new();
    private readonly DateTimeOffset startTime = DateTimeOffset.UtcNow;
    private volatile IReadOnlyList<ContainerLife> containers = [];
    private volatile PodRecord record;
    private volatile Pod pod;
    private volatile bool gone;

    /// <param name="node">This node.</param>
    /// <param name="pod">The object.</param>
    /// <param name="record">What an earlier kubelet left of this very pod, or null.</param>
    public PodLife(KubeletNode node, Pod pod, PodRecord? record)
    {
        this.node = node;
        this.pod = pod;
        files = node.Files.Lab.Pod(new PodName(pod.Metadata.Namespace!, pod.Metadata.Name!));
        var command = Main is [var first, ..] ? (first.Command ?? []).Concat(first.Args ?? []) : [];
        this.record = record ?? new PodRecord(node.Files.Number, "", pod.Metadata.Uid!, [.. command]);
        events = new PodEvents(node.Events, pod);
        status = new PodStatusWriter(node, pod, StatusNow);
    }

    public string Uid => pod.Metadata.Uid!;

    private IReadOnlyList<Container> Init => pod.Spec?.InitContainers ?? [];

    private IReadOnlyList<Container> Main => pod.Spec?.Containers ?? [];

    private bool OnHostNetwork => pod.Spec?.HostNetwork == true;

    private IReadOnlyList<string> Addresses => OnHostNetwork ? node.Addresses : record.Addresses;

    /// <summary>The object has changed.</summary>
    public void Update(Pod newest)
    {
        pod = newest;
        if (newest.Metadata.DeletionTimestamp is not null)
        {
            stop.Cancel();
        }
    }

    /// <summary>The object is gone: nobody waits for its end any more.</summary>
    public void Gone()
    {
        gone = true;
        stop.Cancel();
    }

    public async Task RunAsync()
    {
        var writing = status.RunAsync();
        Update(pod);
        try
        {
            if (!PodPhase.IsFinal(pod.Status?.Phase))
            {
                await LiveAsync(stop.Token);
            }

            await Task.Delay(Timeout.Infinite, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // To be deleted, whatever it was doing.
        }

        await StopAsync(gone ? 0 : pod.Metadata.DeletionGracePeriodSeconds ?? DefaultGraceSeconds);
        await RemoveAsync(node, files, record);
        status.Complete();
        await writing;
        if (!gone)
        {
            await node.DeleteObjectAsync(pod);
        }
    }

    /// <summary>Ends all there is of a pod on this node; what has ended already is fine.</summary>
    public static async Task RemoveAsync(KubeletNode node, PodFiles files, PodRecord record)
    {
        var cgroup = node.Files.CgroupOf(record);
        cgroup.Kill();
        await DetachAsync(node, files, record);
        cgroup.Remove();
        files.Delete();
    }

    public void Dispose() => stop.Dispose();

    /// <summary>Returns when every container has ended for good.</summary>
    private async Task LiveAsync(CancellationToken cancel)
    {
        Save(record);
        await AttachAsync(cancel);
        containers = [.. Init.Concat(Main).Select(Take)];
        status.Changed();

        List<Task> sidecars = [];
        foreach (var container in containers.Take(Init.Count))
        {
            var running = container.RunAsync(init: true, cancel);
            if (container.IsSidecar)
            {
                sidecars.Add(running);
                await container.Started.WaitAsync(cancel);
            }
            else if (await running != 0)
            {
                return;
            }
        }

        await Task.WhenAll(containers.Skip(Init.Count).Select(c => c.RunAsync(init: false, cancel)));

        // Like the real one, a pod that is done keeps its status and gives its network back.
        await StopAsync(pod.Spec?.TerminationGracePeriodSeconds ?? DefaultGraceSeconds);
        await DetachAsync(node, files, record);
        Save(record with { Network = null });
    }

    private async Task AttachAsync(CancellationToken cancel)
    {
        for (var failures = 0; !OnHostNetwork && record.Result is null; failures++)
        {
            await Task.Delay(Pace.Backoff(failures, Pace.RetryFirst, Pace.RetryLongest), cancel);
            try
            {
                Save(await PodNetwork.AttachAsync(node.Files, files, pod, record, cancel));
            }
            catch (LabException e)
            {
                events.Warning("FailedCreatePodSandBox", $"Failed to create pod sandbox: {e.Message}");
            }
        }
    }

    /// <summary>Again and again until it is done: half a network must not be forgotten.</summary>
    private static async Task DetachAsync(KubeletNode node, PodFiles files, PodRecord record)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await PodNetwork.DetachAsync(node.Files, files, record);
                return;
            }
            catch (LabException e)
            {
                node.Log.PodNetworkNotRemoved(files.Name, e.Message);
                await Task.Delay(Pace.Backoff(failures, Pace.RetryFirst, Pace.RetryLongest));
            }
        }
    }

    private async Task StopAsync(long graceSeconds)
    {
        var grace = TimeSpan.FromSeconds(graceSeconds);
        await Task.WhenAll(containers.Select(c => c.StopAsync(grace, $"Stopping container {c.Name}")));
    }

    private ContainerLife Take(Container spec) =>
        new(
            pod,
            spec,
            new ContainerPlace(
                OnHostNetwork ? LabNamespaces.Of(node.Files) : LabNamespaces.Of(files, node.Files),
                node.Files.CgroupOf(record).Child(spec.Name),
                files.LogOf(spec.Name),
                node.Addresses,
                Addresses
            ),
            record.Containers?.FirstOrDefault(c => c.Name == spec.Name),
            events,
            () => Save(record)
        );

    private void Save(PodRecord changed)
    {
        lock (saving)
        {
            record =
                containers.Count == 0
                    ? changed
                    : changed with
                    {
                        Containers = [.. containers.Select(c => c.Record).OfType<ContainerRecord>()],
                    };
            LabJson.Save(files.Record, record, LabJson.Default.PodRecord);
        }

        status.Changed();
    }

    private PodStatus StatusNow(PodStatus? before) =>
        PodStatusOf.Build(
            pod,
            before,
            node.Addresses,
            Addresses,
            Views(Init),
            Views(Main),
            startTime,
            DateTimeOffset.UtcNow
        );

    private List<ContainerView> Views(IReadOnlyList<Container> specs) =>
        [
            .. specs.Select(spec =>
                containers.FirstOrDefault(c => c.Name == spec.Name)?.View
                ?? ContainerView.Waiting(spec, Init.Count > 0 ? "PodInitializing" : "ContainerCreating")
            ),
        ];
}
