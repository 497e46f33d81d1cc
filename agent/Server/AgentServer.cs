using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Weft.Agent.Endpoints;
using Weft.Agent.Maps;
using Weft.Agent.Metrics;
using Weft.Agent.Policy;
using Weft.Agent.Services;
using Weft.Bpf;
using Weft.Contracts;
using Weft.Netlink;

namespace Weft.Agent.Server;

/// <summary>
/// Answers the plugin and the CLI on a unix socket that only root may use. Each connection carries one request and is
/// served by one thread from beginning to end, for the kernel's answers block. The threads are there from the start:
/// making one takes as long as half of an ADD. With all of them at work, callers wait in the socket's queue, and past that
/// queue connecting fails and the plugin says "try again later".
/// </summary>
internal sealed partial class AgentServer(
    string path,
    EndpointTable endpoints,
    Func<AgentState> state,
    LivePolicy policy,
    LiveServices? services,
    LiveMaps maps,
    CniMetrics metrics,
    ILogger logger
) : IDisposable
{
    private const int Threads = 32;
    private const int StackBytes = 512 * 1024;
    private const int Queue = 1024;
    private const UnixFileMode OnlyRoot = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long a plugin may take to hand its result on. Only one that is stopped takes longer.</summary>
    private static readonly TimeSpan AcknowledgementPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>
    /// Listens; a socket left by an agent before is replaced. It stays when the agent ends: where it is, the plugin waits
    /// for the next one. The class library would remove it, but knows it by the name it was bound to.
    /// </summary>
    public void Listen()
    {
        var bound = path + ".new";
        File.Delete(bound);
        listener.Bind(new UnixDomainSocketEndPoint(bound));
        File.SetUnixFileMode(bound, OnlyRoot);
        listener.Listen(Queue);
        File.Move(bound, path, overwrite: true);
        for (var i = 0; i < Threads; i++)
        {
            new Thread(Accept, StackBytes) { Name = "request", IsBackground = true }.Start();
        }
    }

    /// <summary>Stops accepting; requests under way end by themselves.</summary>
    public void Dispose() => listener.Dispose();

    private void Accept()
    {
        while (true)
        {
            try
            {
                Serve(listener.Accept());
            }
            catch (Exception e)
                when (e
                        is ObjectDisposedException
                            or SocketException
                            {
                                SocketErrorCode: SocketError.OperationAborted
                                    or SocketError.Interrupted
                                    or SocketError.InvalidArgument
                            }
                )
            {
                return;
            }
            catch (SocketException e)
            {
                LogAccept(e);
                // Most likely there are no more descriptors, and will be some when other requests have ended.
                Thread.Sleep(PauseAfterFailure);
            }
        }
    }

    private void Serve(Socket connection)
    {
        try
        {
            using var channel = AgentChannel.Accepted(connection, Patience);
            var request = channel.Receive(ContractsJson.Default.AgentRequest, out var descriptor);
            if (request is null)
            {
                return;
            }

            var began = Stopwatch.GetTimestamp();
            AgentResponse response;
            using (descriptor)
            {
                using var pod = descriptor is null ? null : NetworkNamespace.FromHandle(descriptor);
                response = Respond(request, pod);
            }

            metrics.Answered(request.Verb, response.Error?.Code, Stopwatch.GetElapsedTime(began));
            if (request.Verb == AgentVerb.Add && response.Attachment is { } made)
            {
                AnswerAdd(channel, request.Id!, made, response);
            }
            else
            {
                channel.Send(response, ContractsJson.Default.AgentResponse);
            }
        }
        catch (Exception e) when (e is IOException or JsonException or NamespaceException)
        {
            LogBroken(e);
        }
    }

    /// <summary>
    /// An ADD that the runtime does not hear of must not leave a pod. A plugin that is silent but there is taken at its
    /// word to come: if it prints its result after all, the runtime counts on the pod; if not, the runtime deletes it.
    /// </summary>
    private void AnswerAdd(AgentChannel channel, AttachmentId id, Attachment made, AgentResponse response)
    {
        switch (Deliver(channel, response))
        {
            case Acknowledgement.Denied:
                LogUndone(id);
                metrics.Undone();
                Undo(id, made);
                break;
            case Acknowledgement.Outstanding:
                LogUnacknowledged(id);
                break;
        }
    }

    private static Acknowledgement Deliver(AgentChannel channel, AgentResponse response)
    {
        try
        {
            channel.Send(response, ContractsJson.Default.AgentResponse);
            return channel.AwaitAcknowledgement(AcknowledgementPatience);
        }
        catch (IOException)
        {
            return Acknowledgement.Denied;
        }
    }

    private void Undo(AttachmentId id, Attachment made)
    {
        try
        {
            endpoints.Undo(id, made);
        }
        catch (Exception e) when (e is NetlinkException or BpfException or IOException)
        {
            LogFailed(AgentVerb.Del, id, e);
        }
    }

    private AgentResponse Respond(AgentRequest request, NetworkNamespace? pod)
    {
        try
        {
            return Dispatch(request, pod);
        }
        catch (RequestException e)
        {
            LogRefused(request.Verb, request.Id, e.Message);
            return new AgentResponse(e.Error);
        }
        catch (BpfException e) when (e.IsMapFull)
        {
            return Failed(request, CniErrorCode.TryAgainLater, e);
        }
        catch (Exception e) when (e is NetlinkException or BpfException or NamespaceException)
        {
            return Failed(request, CniErrorCode.KernelRefused, e);
        }
        catch (IOException e)
        {
            return Failed(request, CniErrorCode.IoFailure, e);
        }
    }

    private AgentResponse Failed(AgentRequest request, int code, Exception e)
    {
        LogFailed(request.Verb, request.Id, e);
        return new AgentResponse(new AgentError(code, e.Message));
    }

    private AgentResponse Dispatch(AgentRequest request, NetworkNamespace? pod)
    {
        switch (request.Verb)
        {
            case AgentVerb.Add:
                PodHostPorts.Check(request.PortMappings);
                if (request.PortMappings is { Count: > 0 } && services?.HasHostPorts != true)
                {
                    throw new RequestException(
                        CniErrorCode.UnsupportedField,
                        "this agent serves no host ports: it is without \"kubernetes\", or \"kubeProxyReplacement\" is false; leave them to the portmap plugin"
                    );
                }

                return new AgentResponse(Attachment: endpoints.Add(request, Required(pod)));
            case AgentVerb.Del:
                endpoints.Delete(request.Id ?? throw Lacks("its attachment"));
                return new AgentResponse();
            case AgentVerb.Check:
                endpoints.Check(request, Required(pod));
                return new AgentResponse();
            case AgentVerb.Gc:
                endpoints.CollectGarbage(
                    request.Network ?? throw Lacks("its network"),
                    request.ValidAttachments ?? throw Lacks("its valid attachments")
                );
                return new AgentResponse();
            case AgentVerb.Status:
                endpoints.RequireNode(CniErrorCode.NotAvailable);
                return new AgentResponse();
            case AgentVerb.State:
                return new AgentResponse(State: state());
            case AgentVerb.Judge:
                return new AgentResponse(Answer: policy.Judge(request.Question ?? throw Lacks("its question")));
            case AgentVerb.Denials:
                return new AgentResponse(Denials: policy.Denials());
            case AgentVerb.Services:
                return new AgentResponse(
                    Services: Required(services).Answer(request.Services ?? throw Lacks("its question"))
                );
            case AgentVerb.Trace:
                return new AgentResponse(Trace: Required(services).Trace(request.Trace ?? throw Lacks("its question")));
            case AgentVerb.Map:
                return new AgentResponse(Map: maps.Read(request.Map ?? throw Lacks("its question")));
            default:
                throw Lacks("a verb this agent knows");
        }
    }

    private static NetworkNamespace Required(NetworkNamespace? pod) => pod ?? throw Lacks("its network namespace");

    private static LiveServices Required(LiveServices? services) =>
        services
        ?? throw new RequestException(
            CniErrorCode.NotAvailable,
            "this agent serves no Services: it is without \"kubernetes\""
        );

    private static RequestException Lacks(string what) =>
        new(CniErrorCode.DecodingFailure, $"the request lacks {what}; use the weft-cni of this agent's version");

    [LoggerMessage(LogLevel.Error, "Accepting a connection failed")]
    private partial void LogAccept(Exception exception);

    [LoggerMessage(LogLevel.Warning, "A connection broke off")]
    private partial void LogBroken(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The plugin ended before it had reported {Id}: undone")]
    private partial void LogUndone(AttachmentId id);

    [LoggerMessage(LogLevel.Warning, "The plugin has not said yet whether it has reported {Id}: the pod stays")]
    private partial void LogUnacknowledged(AttachmentId id);

    [LoggerMessage(LogLevel.Warning, "{Verb} {Id} refused: {Reason}")]
    private partial void LogRefused(AgentVerb verb, AttachmentId? id, string reason);

    [LoggerMessage(LogLevel.Error, "{Verb} {Id} failed")]
    private partial void LogFailed(AgentVerb verb, AttachmentId? id, Exception exception);
}
