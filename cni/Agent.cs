using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Weft.Contracts;

namespace Weft.Cni;

/// <summary>Nobody answered on the agent's socket.</summary>
internal sealed class AgentDownException(string socket, string why)
    : Exception($"Weft's agent does not answer at {socket}: {why}. Is its pod running on this node?");

/// <summary>The plugin's one call to the node's agent.</summary>
internal static class Agent
{
    /// <summary>Below the two minutes and more that kubelet gives a sandbox, above what the agent waits for itself.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(40);

    /// <summary>Asks the agent; its refusal comes as a <see cref="CniException"/>.</summary>
    /// <exception cref="AgentDownException">There was no answer.</exception>
    public static AgentResponse Call(NetConf config, AgentRequest request, SafeFileHandle? netns = null)
    {
        AgentResponse response;
        try
        {
            using var channel = AgentChannel.Connect(config.AgentSocket, Timeout);
            response = channel.Call(request, netns);
        }
        catch (IOException e)
        {
            throw new AgentDownException(config.AgentSocket, e.Message);
        }
        catch (JsonException e)
        {
            throw new CniException(
                CniErrorCode.Internal,
                $"what answers at {config.AgentSocket} is not Weft's agent, or not of this plugin's version",
                e.Message
            );
        }

        return response.Error is { } error
            ? throw new CniException(error.Code, error.Message, error.Details)
            : response;
    }
}
