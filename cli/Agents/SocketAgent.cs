using Weft.Contracts;

namespace Weft.Cli.Agents;

/// <summary>An agent whose socket is here: one of a lab, or that of the node this runs on.</summary>
internal sealed record SocketAgent(string Node, string Socket) : LiveAgent(Node)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // The channel blocks.
    protected override Task<AgentResponse> CallAsync(AgentRequest request, CancellationToken cancel) =>
        Task.Run(
            () =>
            {
                using var channel = AgentChannel.Connect(Socket, Patience);
                return channel.Call(request, descriptor: null);
            },
            cancel
        );
}
