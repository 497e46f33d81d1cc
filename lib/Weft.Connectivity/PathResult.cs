namespace Weft.Connectivity;

/// <summary>What a path is tried for.</summary>
public enum Scenario
{
    /// <summary>Pods reach pods.</summary>
    Pods,

    /// <summary>Pods reach nodes, and nodes pods.</summary>
    Hosts,

    /// <summary>Services lead to their endpoints.</summary>
    Services,

    /// <summary>Network policies let pass what they allow, and nothing else.</summary>
    Policies,

    /// <summary>The cluster's DNS answers.</summary>
    Dns,

    /// <summary>Pods reach what is outside.</summary>
    World,
}

/// <summary>How a path was found.</summary>
public enum PathOutcome
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>Otherwise.</summary>
    Failed,

    /// <summary>It does not exist in this cluster.</summary>
    Skipped,
}

/// <summary>A path, and how it was found.</summary>
/// <param name="Scenario">What it was tried for.</param>
/// <param name="Name">Such as "pod to ClusterIP".</param>
/// <param name="Kind">tcp, udp or dns.</param>
/// <param name="Family">IPv4 or IPv6; empty for a path that was skipped.</param>
/// <param name="From">The client: namespace/pod.</param>
/// <param name="To">Address and port.</param>
/// <param name="Outcome">How it was found.</param>
/// <param name="Problem">What happened instead, or why it was skipped.</param>
/// <param name="LookAt">Commands that tell more about a failure.</param>
public sealed record PathResult(
    Scenario Scenario,
    string Name,
    string Kind,
    string Family,
    string From,
    string To,
    PathOutcome Outcome,
    string? Problem = null,
    IReadOnlyList<string>? LookAt = null
);
