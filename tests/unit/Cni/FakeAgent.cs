using System.Net.Sockets;
using Weft.Contracts;
using Weft.Netlink;

namespace Weft.Tests.Cni;

/// <summary>A server on a unix socket that answers every request alike and remembers the last.</summary>
internal sealed class FakeAgent : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("weft-cni-test-");
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Thread server;

    /// <summary>A null answer closes the connection without one.</summary>
    public FakeAgent(AgentResponse? answer)
    {
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        server = new Thread(() => Serve(answer));
        server.Start();
    }

    public static Attachment Made { get; } =
        new(
            HostInterface.NameOf(new AttachmentId("c0ffee", "eth0")),
            "0a:00:00:00:00:01",
            "eth0",
            "0a:00:00:00:00:02",
            1450,
            [new PodAddress("10.244.1.5/32", "10.244.1.1"), new PodAddress("fd00::5/128", "fd00::1")],
            [
                new PodRoute("10.244.1.1/32", null),
                new PodRoute("0.0.0.0/0", "10.244.1.1"),
                new PodRoute("::/0", "fd00::1"),
            ]
        );

    public (string, string?) Setting => ("agentSocket", $"\"{SocketPath}\"");

    public AgentRequest? Request { get; private set; }

    /// <summary>Inode of the network namespace that came along.</summary>
    public ulong? Namespace { get; private set; }

    private string SocketPath => Path.Combine(folder.FullName, "agent.sock");

    public static FakeAgent ThatAdds() => new(new AgentResponse(Attachment: Made));

    public static FakeAgent ThatAgrees() => new(new AgentResponse());

    public static FakeAgent ThatRefuses(int code, string message, string? details = null) =>
        new(new AgentResponse(new AgentError(code, message, details)));

    public void Dispose()
    {
        // A blocked accept(2) returns on shutdown; closing alone leaves it.
        listener.Shutdown(SocketShutdown.Both);
        server.Join();
        listener.Dispose();
        folder.Delete(recursive: true);
    }

    private void Serve(AgentResponse? answer)
    {
        while (true)
        {
            Socket connection;
            try
            {
                connection = listener.Accept();
            }
            catch (SocketException)
            {
                return;
            }

            using var channel = AgentChannel.Accepted(connection, TimeSpan.FromSeconds(10));
            var request = channel.Receive(ContractsJson.Default.AgentRequest, out var descriptor);
            using var came = descriptor is null ? null : NetworkNamespace.FromHandle(descriptor);
            Namespace = came?.Inode;
            Request = request;
            if (answer is not null)
            {
                channel.Send(answer, ContractsJson.Default.AgentResponse);
            }
        }
    }
}
