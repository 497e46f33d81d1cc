using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Weft.Agent.Endpoints;
using Weft.Bpf;
using Weft.Contracts;
using Weft.Netlink;

namespace Weft.Agent.Server;

/// <summary>
/// Answers the plugin and the CLI on a unix socket that only root may use. Each connection carries one request and has
/// a thread of its own, for the kernel's answers block; past <see cref="MostAtOnce"/> of them, callers wait in the
/// socket's queue, and past that queue connecting fails and the plugin says "try again later".
/// </summary>
internal sealed partial class AgentServer(string path, EndpointTable endpoints, Func<AgentState> state, ILogger logger)
    : IDisposable
{
    private const int MostAtOnce = 64;
    private const int Queue = 1024;
    private const UnixFileMode OnlyRoot = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim room = new(MostAtOnce);
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>Listens; a socket left by an agent before is replaced.</summary>
    public void Listen()
    {
        File.Delete(path);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, OnlyRoot);
        listener.Listen(Queue);
        new Thread(Accept) { Name = "accept", IsBackground = true }.Start();
    }

    /// <summary>Stops accepting; requests under way end by themselves.</summary>
    public void Dispose()
    {
        listener.Dispose();
        room.Dispose();
    }

    private void Accept()
    {
        while (true)
        {
            try
            {
                room.Wait();
                var connection = listener.Accept();
                new Thread(() => Serve(connection)) { Name = "request", IsBackground = true }.Start();
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
                room.Release();
                LogAccept(e);
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

            using (descriptor)
            {
                using var pod = descriptor is null ? null : NetworkNamespace.FromHandle(descriptor);
                Answer(channel, request, Respond(request, pod));
            }
        }
        catch (Exception e) when (e is IOException or JsonException or NamespaceException)
        {
            LogBroken(e);
        }
        finally
        {
            room.Release();
        }
    }

    /// <summary>An ADD whose caller is gone must not leave a pod that nobody knows of.</summary>
    private void Answer(AgentChannel channel, AgentRequest request, AgentResponse response)
    {
        if (request.Verb != AgentVerb.Add || response.Error is not null)
        {
            channel.Send(response, ContractsJson.Default.AgentResponse);
            return;
        }

        if (!TryDeliver(channel, response))
        {
            LogUnread(request.Id);
            endpoints.Delete(request.Id!);
        }
    }

    private static bool TryDeliver(AgentChannel channel, AgentResponse response)
    {
        try
        {
            channel.Send(response, ContractsJson.Default.AgentResponse);
            return channel.WasReadWhenClosed();
        }
        catch (IOException)
        {
            return false;
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
            default:
                throw Lacks("a verb this agent knows");
        }
    }

    private static NetworkNamespace Required(NetworkNamespace? pod) => pod ?? throw Lacks("its network namespace");

    private static RequestException Lacks(string what) =>
        new(CniErrorCode.DecodingFailure, $"the request lacks {what}; use the weft-cni of this agent's version");

    [LoggerMessage(LogLevel.Error, "Accepting a connection failed")]
    private partial void LogAccept(Exception exception);

    [LoggerMessage(LogLevel.Warning, "A connection broke off")]
    private partial void LogBroken(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The plugin ended before it knew of {Id}: undone")]
    private partial void LogUnread(AttachmentId? id);

    [LoggerMessage(LogLevel.Warning, "{Verb} {Id} refused: {Reason}")]
    private partial void LogRefused(AgentVerb verb, AttachmentId? id, string reason);

    [LoggerMessage(LogLevel.Error, "{Verb} {Id} failed")]
    private partial void LogFailed(AgentVerb verb, AttachmentId? id, Exception exception);
}
