using Weft.Contracts;
using Weft.Lab;

namespace Weft.Cli.Explaining;

/// <summary>An agent that can be asked from here.</summary>
/// <param name="Node">Its node.</param>
/// <param name="Socket">Path of its socket.</param>
internal sealed record LiveAgent(string Node, string Socket)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="IOException">It does not answer.</exception>
    /// <exception cref="CommandException">It answers with an error.</exception>
    public AgentResponse Ask(AgentRequest request)
    {
        using var channel = AgentChannel.Connect(Socket, Patience);
        var response = channel.Call(request, descriptor: null);
        return response.Error is { } error
            ? throw new CommandException($"the agent of {Node} cannot tell: {error.Message}")
            : response;
    }

    /// <summary>All nodes' of a lab; else the one of the node this runs on, if it is a node.</summary>
    public static IReadOnlyList<LiveAgent> Of(LabDirectory? lab) =>
        lab is not null
            ?
            [
                .. lab.NodeNumbers()
                    .Select(number => lab.Node(number))
                    .Select(node => new LiveAgent(node.Name, node.Socket)),
            ]
        : File.Exists(WeftPaths.DefaultSocket) ? [new LiveAgent(Environment.MachineName, WeftPaths.DefaultSocket)]
        : [];
}
