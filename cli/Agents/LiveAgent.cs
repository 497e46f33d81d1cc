using Weft.Contracts;

namespace Weft.Cli.Agents;

/// <summary>An agent that can be asked from here.</summary>
/// <param name="Node">Its node.</param>
internal abstract record LiveAgent(string Node)
{
    /// <exception cref="IOException">It does not answer.</exception>
    /// <exception cref="CommandException">It answers with an error.</exception>
    public async Task<AgentResponse> AskAsync(AgentRequest request, CancellationToken cancel)
    {
        var response = await CallAsync(request, cancel);
        return response.Error is { } error
            ? throw new CommandException($"the agent of {Node} cannot tell: {error.Message}")
            : response;
    }

    /// <summary>As the other, for who has nothing else to do.</summary>
    public AgentResponse Ask(AgentRequest request) =>
        AskAsync(request, CancellationToken.None).GetAwaiter().GetResult();

    protected abstract Task<AgentResponse> CallAsync(AgentRequest request, CancellationToken cancel);
}
