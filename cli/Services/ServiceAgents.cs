using Weft.Cli.Explaining;
using Weft.Contracts;
using Weft.Lab;

namespace Weft.Cli.Services;

/// <summary>Agents that are asked about Services: those that can be asked from here.</summary>
internal static class ServiceAgents
{
    /// <exception cref="CommandException">There is none.</exception>
    public static IReadOnlyList<LiveAgent> Of(LabDirectory? lab) =>
        LiveAgent.Of(lab) is { Count: > 0 } agents
            ? agents
            : throw new CommandException(
                $"no agent can be asked from here: run it on a node, where {WeftPaths.DefaultSocket} is, or name a lab with --dir"
            );
}
