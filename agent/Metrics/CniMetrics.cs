using Weft.Contracts;
using Weft.Metrics;

namespace Weft.Agent.Metrics;

/// <summary>What runtimes ask of the agent through the plugin.</summary>
internal sealed class CniMetrics
{
    private readonly Counter requests;
    private readonly Histogram durations;
    private readonly Counter undone;

    public CniMetrics(Registry registry, double[] bounds)
    {
        requests = registry.Counter(
            "weft_agent_cni_requests_total",
            "CNI calls that reached the agent, by command and result.",
            "command",
            "result"
        );
        durations = registry.Histogram(
            "weft_agent_cni_request_duration_seconds",
            "From a CNI call's arrival at the agent to its answer.",
            bounds,
            "command"
        );
        undone = registry.Counter(
            "weft_agent_cni_adds_undone_total",
            "ADDs that were taken back because the plugin ended before the runtime had the result."
        );
        requests.Begin("ADD", "success");
        requests.Begin("DEL", "success");
    }

    /// <summary>A request was answered; what is not of the CNI is not counted.</summary>
    public void Answered(AgentVerb verb, int? error, TimeSpan duration)
    {
        if (CommandOf(verb) is { } command)
        {
            requests.Increment(command, error is { } code ? ResultOf(code) : "success");
            durations.Observe(duration, command);
        }
    }

    /// <summary>An ADD was taken back.</summary>
    public void Undone() => undone.Increment();

    /// <summary>CNI_COMMAND of a verb; null for those of people and tools.</summary>
    private static string? CommandOf(AgentVerb verb) =>
        verb switch
        {
            AgentVerb.Add => "ADD",
            AgentVerb.Del => "DEL",
            AgentVerb.Check => "CHECK",
            AgentVerb.Gc => "GC",
            AgentVerb.Status => "STATUS",
            _ => null,
        };

    private static string ResultOf(int code) =>
        code switch
        {
            CniErrorCode.UnknownContainer => "unknown_container",
            CniErrorCode.IoFailure => "io_failure",
            CniErrorCode.DecodingFailure => "decoding_failure",
            CniErrorCode.InvalidConfig => "invalid_config",
            CniErrorCode.InvalidNetns => "invalid_netns",
            CniErrorCode.TryAgainLater => "try_again_later",
            CniErrorCode.NotAvailable or CniErrorCode.LimitedConnectivity => "not_available",
            CniErrorCode.AlreadyExists => "already_exists",
            CniErrorCode.CheckFailed => "check_failed",
            CniErrorCode.AddressUnavailable => "address_unavailable",
            CniErrorCode.KernelRefused => "kernel_refused",
            _ => "other",
        };
}
