using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>
/// Clients that connect to numbered servers as fast as they can, each on a thread of its own, and what they see go wrong:
/// a connection that fails, or one begun after its server was known to end where it was chosen.
/// </summary>
/// <param name="servers">Numbers are below this.</param>
internal sealed class ConnectionLoad(int servers) : IDisposable
{
    private const int Nodes = 2;
    private readonly List<Client> clients = [];
    private readonly List<Thread> threads = [];
    private readonly long[][] endedAt = [.. Enumerable.Range(0, Nodes + 1).Select(_ => new long[servers])];
    private volatile bool stopping;

    /// <summary>What went wrong, the first first.</summary>
    public ConcurrentQueue<string> Wrong { get; } = [];

    /// <summary>Starts one more. It has a socket for each family, IPv4 first.</summary>
    public void Start(string name, IReadOnlyList<RepeatingClient> sockets, IReadOnlyList<ServiceAddress> addresses)
    {
        var client = new Client(name, sockets, addresses, new int[servers]);
        var thread = new Thread(() => Connect(client)) { IsBackground = true };
        clients.Add(client);
        threads.Add(thread);
        thread.Start();
    }

    /// <summary>From now on nobody who connects there may be led to this server.</summary>
    public void Ended(int node, int server) => Volatile.Write(ref endedAt[node][server], Stopwatch.GetTimestamp());

    /// <summary>Returns once each client has been served by each of these servers, or something is wrong.</summary>
    public void EveryClientMeets(IReadOnlyCollection<int> expected) =>
        Waiting.Eventually(
            "each client was served by each endpoint",
            () =>
                !Wrong.IsEmpty
                || clients.All(client => expected.All(server => Volatile.Read(ref client.Served[server]) > 0))
        );

    public void Dispose()
    {
        stopping = true;
        threads.ForEach(thread => thread.Join());
        foreach (var socket in clients.SelectMany(client => client.Sockets))
        {
            socket.Dispose();
        }
    }

    public override string ToString() =>
        string.Join(", ", clients.Select(client => $"{client.Name}: {client.Served.Sum()} connections"));

    private void Connect(Client client)
    {
        for (var turn = 0; !stopping; turn++)
        {
            var (to, node) = client.Addresses[turn % client.Addresses.Count];
            var began = Stopwatch.GetTimestamp();
            try
            {
                var server = client.Sockets[to.AddressFamily == AddressFamily.InterNetwork ? 0 : 1].Ask(to);
                client.Served[server]++;
                var ended = Volatile.Read(ref endedAt[node][server]);
                if (ended != 0 && began > ended)
                {
                    Wrong.Enqueue(
                        $"{client.Name} to {to}: server {server} {Stopwatch.GetElapsedTime(ended, began).TotalMilliseconds} ms after node {node} knew of its end"
                    );
                }
            }
            catch (Exception e) when (e is Win32Exception or SocketException)
            {
                Wrong.Enqueue($"{client.Name} to {to}: {e.Message}");
            }
        }
    }

    private sealed record Client(
        string Name,
        IReadOnlyList<RepeatingClient> Sockets,
        IReadOnlyList<ServiceAddress> Addresses,
        int[] Served
    );
}
