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
    public static void Call(NetConf config, AgentRequest request, SafeFileHandle? netns = null)
    {
        using var channel = Connect(config);
        Exchange(channel, config, request, netns);
    }

    /// <summary>
    /// ADD. The agent undoes it when the channel closes and nobody has said on it that the runtime has the result:
    /// <see cref="AgentChannel.Acknowledge"/>.
    /// </summary>
    /// <exception cref="AgentDownException">There was no answer.</exception>
    public static (Attachment Made, AgentChannel Channel) Add(
        NetConf config,
        AgentRequest request,
        SafeFileHandle netns
    )
    {
        var channel = Connect(config);
        try
        {
            return Exchange(channel, config, request, netns).Attachment is { } made
                ? (made, channel)
                : throw new CniException(CniErrorCode.Internal, "the agent answered ADD without an attachment");
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    private static AgentChannel Connect(NetConf config)
    {
        try
        {
            return AgentChannel.Connect(config.AgentSocket, Timeout);
        }
        catch (IOException e)
        {
            throw new AgentDownException(config.AgentSocket, e.Message);
        }
    }

    private static AgentResponse Exchange(
        AgentChannel channel,
        NetConf config,
        AgentRequest request,
        SafeFileHandle? netns
    )
    {
        AgentResponse response;
        try
        {
            channel.Send(AgentMessages.Write(request), netns);
            response = AgentMessages.Read(
                channel.Receive(out var unexpected) is { } answer && unexpected is null
                    ? answer
                    : throw new IOException("it closed the connection without an answer")
            );
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
