using Weft.Contracts;

namespace Weft.Agent.Endpoints;

/// <summary>A request that cannot be served, in the CNI spec's terms; nothing of it is left behind.</summary>
internal sealed class RequestException(int code, string message, string? details = null) : Exception(message)
{
    /// <summary>What the client is told.</summary>
    public AgentError Error { get; } = new(code, message, details);
}
