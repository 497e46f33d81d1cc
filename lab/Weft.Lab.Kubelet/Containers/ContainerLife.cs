using Weft.Kubernetes.Objects;
using Weft.Lab.Kubelet.Pods;
using Weft.Lab.Kubelet.Probes;
using Weft.Lab.Linux;

namespace Weft.Lab.Kubelet.Containers;

/// <summary>
/// One container from its first start to its last end. <see cref="RunAsync"/> is the whole of it; a kubelet that finds
/// the process of an earlier one goes on from there.
/// </summary>
internal sealed class ContainerLife(
    Pod pod,
    Container spec,
    ContainerPlace place,
    ContainerRecord? record,
    PodEvents events,
    Action changed
)
{
    private const int SigTerm = 15;
    private const int KilledExitCode = 137;
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RunningProcess? process;

    public ContainerRecord? Record { get; private set; } = record;

    public ContainerView View { get; private set; } =
        ContainerView.Waiting(spec, "PodInitializing") with
        {
            Record = record,
        };

    public string Name => spec.Name;

    /// <summary>An init container that goes on beside the others.</summary>
    public bool IsSidecar => spec.RestartPolicy == "Always";

    /// <summary>When it has been up, with its startup probe passed, for the first time.</summary>
    public Task Started => started.Task;

    /// <summary>Always for a sidecar, whatever the pod's policy is.</summary>
    private string? RestartPolicy => spec.RestartPolicy ?? pod.Spec?.RestartPolicy;

    /// <summary>Returns when it has ended for good.</summary>
    /// <param name="init">Whether it is one that has to succeed before the next: then it starts again on failure only.</param>
    /// <param name="stop">The pod is to end: leaves the process to <see cref="StopAsync"/>.</param>
    /// <returns>Its exit code.</returns>
    public async Task<int> RunAsync(bool init, CancellationToken stop)
    {
        Adopt();
        var failures = Record?.Restarts ?? 0;
        while (true)
        {
            if (process is null && Record?.Ended is { } before)
            {
                if (!StartsAgain(init, before.ExitCode))
                {
                    Show(new ContainerState { Terminated = PodStatusOf.Terminated(before) });
                    return before.ExitCode;
                }

                await BackOffAsync(failures++, stop);
            }

            if (process is null)
            {
                await StartAsync(stop);
            }

            await ProbeUntilEndAsync(process!, stop);
            var end = Record!.Ended!;
            if (end.FinishedAt - end.StartedAt > Pace.CrashForgotten)
            {
                failures = 0;
            }
        }
    }

    /// <summary>Ends the process, at first by SIGTERM, after the grace period with all it started by SIGKILL.</summary>
    public async Task StopAsync(TimeSpan grace, string why)
    {
        if (process is not { } running)
        {
            place.Cgroup.Kill();
            return;
        }

        events.Normal("Killing", why);
        running.Signal(SigTerm);
        await Task.WhenAny(running.Ended, Task.Delay(grace));
        place.Cgroup.Kill();
        EndWith(await running.Ended);
    }

    private static TimeSpan Grace(Pod pod, Probe probe) =>
        TimeSpan.FromSeconds(probe.TerminationGracePeriodSeconds ?? pod.Spec?.TerminationGracePeriodSeconds ?? 30);

    private bool StartsAgain(bool init, int exitCode) =>
        init && !IsSidecar ? exitCode != 0 && RestartPolicy != "Never" : PodPhase.StartsAgain(RestartPolicy, exitCode);

    private void Adopt()
    {
        if (Record is not { Ended: null } running)
        {
            return;
        }

        process = RunningProcess.Find(running.Pid, running.StartTicks);
        if (process is null)
        {
            // It ended while no kubelet was there to see how.
            EndWith(null);
        }
        else
        {
            ShowRunning();
        }
    }

    private async Task BackOffAsync(int failures, CancellationToken stop)
    {
        var wait = Pace.Backoff(failures, Pace.CrashFirst, Pace.CrashLongest);
        if (wait > TimeSpan.Zero)
        {
            Wait("CrashLoopBackOff", $"back-off {wait.TotalSeconds:0} s restarting failed container {spec.Name}");
            events.Warning("BackOff", $"Back-off restarting failed container {spec.Name}");
            await Task.Delay(wait, stop);
        }
    }

    private async Task StartAsync(CancellationToken stop)
    {
        for (var failures = 1; ; failures++)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                process = ContainerStart.Start(place, pod, spec);
                break;
            }
            catch (ContainerRefusedException e)
            {
                Wait(e.Reason, e.Message);
                events.Warning("Failed", e.Message);
                await Task.Delay(Pace.Backoff(failures, Pace.CrashFirst, Pace.CrashLongest), stop);
            }
        }

        var before = Record;
        Record = new ContainerRecord(
            spec.Name,
            Guid.NewGuid().ToString("N"),
            process.Pid,
            process.StartTicks,
            DateTimeOffset.UtcNow,
            before is null ? 0 : before.Restarts + 1,
            Ended: null,
            Before: before?.Ended
        );
        ShowRunning();
        events.Normal("Started", $"Started container {spec.Name}");
    }

    private async Task ProbeUntilEndAsync(RunningProcess running, CancellationToken stop)
    {
        using var probing = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var probes = new ContainerProbes(pod, spec, place, events, Report).RunAsync(probing.Token);
        try
        {
            var ended = await Task.WhenAny(running.Ended, probes).WaitAsync(stop);
            if (ended == probes)
            {
                await StopAsync(Grace(pod, await probes), $"Container {spec.Name} failed its probe, will be restarted");
            }

            var exitCode = await running.Ended.WaitAsync(stop);
            if (process is not null)
            {
                place.Cgroup.Kill();
                EndWith(exitCode);
            }
        }
        finally
        {
            await probing.CancelAsync();
        }
    }

    /// <summary>What the probes found.</summary>
    private void Report(bool isStarted, bool ready)
    {
        if (process is not null && (View.Started != isStarted || View.Ready != ready))
        {
            View = View with { Started = isStarted, Ready = ready };
            changed();
        }

        if (isStarted)
        {
            started.TrySetResult();
        }
    }

    private void ShowRunning()
    {
        var isStarted = spec.StartupProbe is null;
        View = new ContainerView(
            spec,
            new ContainerState { Running = new() { StartedAt = Record!.StartedAt } },
            Record,
            Ready: isStarted && spec.ReadinessProbe is null,
            Started: isStarted
        );
        changed();
        if (isStarted)
        {
            started.TrySetResult();
        }
    }

    private void Wait(string reason, string message) =>
        Show(
            new ContainerState
            {
                Waiting = new() { Reason = reason, Message = message },
            }
        );

    private void EndWith(int? exitCode)
    {
        process?.Dispose();
        process = null;
        var end = new ContainerEnd(
            Record!.Id,
            exitCode ?? KilledExitCode,
            exitCode switch
            {
                null => "ContainerStatusUnknown",
                0 => "Completed",
                _ => "Error",
            },
            Record.StartedAt,
            DateTimeOffset.UtcNow,
            exitCode is not (null or 0) && spec.TerminationMessagePolicy == "FallbackToLogsOnError"
                ? LastWords.Of(place.Log)
                : null
        );
        Record = Record with { Ended = end };
        Show(new ContainerState { Terminated = PodStatusOf.Terminated(end) });
    }

    private void Show(ContainerState state)
    {
        View = new ContainerView(spec, state, Record, Ready: false, Started: false);
        changed();
    }
}
