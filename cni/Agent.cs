using System.Diagnostics;
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

    /// <summary>
    /// How long an agent that starts anew is waited for. An upgrade takes a few seconds; a STATUS that fails meanwhile
    /// makes the Node NotReady, and its pods with it. Kubelet gives up a runtime that has said nothing for 30 seconds.
    /// </summary>
    private static readonly TimeSpan RestartPatience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks the agent; its refusal comes as a <see cref="CniException"/>.</summary>
    /// <exception cref="AgentDownException">There was no answer.</exception>
    public static void Call(NetConf config, AgentRequest request, SafeFileHandle? netns = null)
    {
        using var channel = Connect(config);
        Exchange(channel, config, request, netns);
    }

    /// <summary>STATUS, once the agent is there, if it starts anew.</summary>
    /// <exception cref="AgentDownException">There was no answer.</exception>
    public static void Status(NetConf config)
    {
        using var channel = ConnectPatiently(config);
        Exchange(channel, config, new AgentRequest(AgentVerb.Status, config.Name), netns: null);
    }

    /// <summary>
    /// ADD, once the agent is there, if it starts anew. The agent undoes it when the channel closes and nobody has said on
    /// it that the runtime has the result: <see cref="AgentChannel.Acknowledge"/>.
    /// </summary>
    /// <exception cref="AgentDownException">There was no answer.</exception>
    public static (Attachment Made, AgentChannel Channel) Add(
        NetConf config,
        AgentRequest request,
        SafeFileHandle netns
    )
    {
        var channel = ConnectPatiently(config);
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

    /// <summary>
    /// A socket that is there and that nobody listens at is one of an agent that starts anew: without it, none has been
    /// there since the machine started.
    /// </summary>
    private static AgentChannel ConnectPatiently(NetConf config)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return Connect(config);
            }
            catch (AgentDownException)
                when (Stopwatch.GetElapsedTime(began) < RestartPatience && File.Exists(config.AgentSocket))
            {
                Thread.Sleep(BetweenTries);
            }
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
