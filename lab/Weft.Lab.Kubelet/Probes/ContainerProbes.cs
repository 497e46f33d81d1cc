using Weft.Kubernetes.Objects;
using Weft.Lab.Kubelet.Containers;
using Weft.Lab.Kubelet.Pods;

namespace Weft.Lab.Kubelet.Probes;

/// <summary>The probes of one container for as long as it runs.</summary>
internal sealed class ContainerProbes(
    Pod pod,
    Container spec,
    ContainerPlace place,
    PodEvents events,
    Action<bool, bool> report
)
{
    /// <summary>The startup probe first; then the other two beside each other.</summary>
    /// <returns>The startup or liveness probe that found the container unhealthy.</returns>
    /// <exception cref="OperationCanceledException">It ended first.</exception>
    public async Task<Probe> RunAsync(CancellationToken cancel)
    {
        if (spec.StartupProbe is { } startup && !await SucceedsAsync(startup, cancel))
        {
            return startup;
        }

        report(true, spec.ReadinessProbe is null);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var readiness = ReadinessAsync(either.Token);
        try
        {
            return await LivenessAsync(either.Token);
        }
        finally
        {
            await either.CancelAsync();
            await readiness.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Whether it succeeds often enough before it fails too often.</summary>
    private async Task<bool> SucceedsAsync(Probe probe, CancellationToken cancel)
    {
        var (succeeded, failed) = (0, 0);
        await foreach (var problem in EveryPeriodAsync("Startup", probe, cancel))
        {
            (succeeded, failed) = problem is null ? (succeeded + 1, 0) : (0, failed + 1);
            if (succeeded >= (probe.SuccessThreshold ?? 1))
            {
                return true;
            }

            if (failed >= (probe.FailureThreshold ?? 3))
            {
                return false;
            }
        }

        throw new OperationCanceledException(cancel);
    }

    private async Task<Probe> LivenessAsync(CancellationToken cancel)
    {
        if (spec.LivenessProbe is not { } probe)
        {
            await Task.Delay(Timeout.Infinite, cancel);
            throw new OperationCanceledException(cancel);
        }

        var failed = 0;
        await foreach (var problem in EveryPeriodAsync("Liveness", probe, cancel))
        {
            failed = problem is null ? 0 : failed + 1;
            if (failed >= (probe.FailureThreshold ?? 3))
            {
                return probe;
            }
        }

        throw new OperationCanceledException(cancel);
    }

    private async Task ReadinessAsync(CancellationToken cancel)
    {
        if (spec.ReadinessProbe is not { } probe)
        {
            return;
        }

        var (succeeded, failed) = (0, 0);
        await foreach (var problem in EveryPeriodAsync("Readiness", probe, cancel))
        {
            (succeeded, failed) = problem is null ? (succeeded + 1, 0) : (0, failed + 1);
            if (succeeded >= (probe.SuccessThreshold ?? 1))
            {
                report(true, true);
            }
            else if (failed >= (probe.FailureThreshold ?? 3))
            {
                report(true, false);
            }
        }
    }

    /// <summary>What is wrong each time, or null.</summary>
    private async IAsyncEnumerable<string?> EveryPeriodAsync(
        string name,
        Probe probe,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel
    )
    {
        await Task.Delay(TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0), cancel);
        while (true)
        {
            var problem = await ProbeCheck.RunAsync(probe, pod, spec, place, cancel);
            if (problem is not null)
            {
                events.Warning("Unhealthy", $"{name} probe failed: {problem}");
            }

            yield return problem;
            await Task.Delay(TimeSpan.FromSeconds(probe.PeriodSeconds ?? 10), cancel);
        }
    }
}
