using Weft.Kubernetes.Configuration;

namespace Weft.Kubernetes.Credentials;

/// <summary>A program that prints credentials (client.authentication.k8s.io).</summary>
public sealed record ExecPlugin
{
    /// <summary>Version of the protocol, such as client.authentication.k8s.io/v1.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>Absolute path, or a name to look for in PATH.</summary>
    public required string Command { get; init; }

    /// <summary>Arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment variables besides this process's own.</summary>
    public IReadOnlyList<(string Name, string Value)> Environment { get; init; } = [];

    /// <summary>What to tell a user who does not have the program.</summary>
    public string? InstallHint { get; init; }

    /// <summary>Whether it wants to know the cluster.</summary>
    public bool ProvideClusterInfo { get; init; }

    /// <summary>Whether it cannot do without a terminal, which a daemon does not have.</summary>
    public bool NeedsTerminal { get; init; }

    internal KubeconfigCluster? Cluster { get; init; }

    /// <summary>The program alone: arguments and environment may have secrets.</summary>
    public override string ToString() => Command;
}
