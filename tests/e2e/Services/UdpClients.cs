using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Lab.Probes;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>UDP sockets that are not connected, each of which asks one Service again and again from one port.</summary>
internal sealed class UdpClients : IDisposable
{
    private const int PatienceMs = 200;
    private readonly List<(string Name, Socket Socket, IPEndPoint Service)> clients = [];

    public void Add(string name, Socket socket, IPEndPoint service)
    {
        socket.ReceiveTimeout = PatienceMs;
        clients.Add((name, socket, service));
    }

    /// <summary>Asks until each is answered by this server, in the Service's name.</summary>
    public void AllMeet(string server)
    {
        foreach (var (name, socket, service) in clients)
        {
            Waiting.Eventually($"{name} is answered by {server}", () => Ask(socket, service) == server);
        }
    }

    /// <summary>Each asks once, and has no answer.</summary>
    public void NobodyMeetsAny() => Assert.All(clients, client => Assert.Null(Ask(client.Socket, client.Service)));

    public void Dispose() => clients.ForEach(client => client.Socket.Dispose());

    private static string? Ask(Socket socket, IPEndPoint service)
    {
        var answer = new byte[1 << 11];
        EndPoint from = new IPEndPoint(service.Address, 0);
        try
        {
            socket.SendTo(ProbeServer.WhoAmI, service);
            var length = socket.ReceiveFrom(answer, ref from);
            Assert.Equal(service, from);
            return Encoding.ASCII.GetString(answer, 0, length).TrimEnd();
        }
        catch (SocketException)
        {
            // No answer, or an ICMP error for an earlier question.
            return null;
        }
    }
}
