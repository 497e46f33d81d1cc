using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weft.Contracts;
using Weft.Netlink;
using Weft.Tests.Cni;

namespace Weft.Tests.EndToEnd.Datapath;

/// <summary>Pods of one node made as a runtime under load makes them: the published plugin, several at once.</summary>
internal sealed class ManyPods(TwoNodes lab) : IDisposable
{
    private const int AtOnce = 8;
    private readonly List<BarePod> pods = [];
    private int made;

    public IReadOnlyList<BarePod> Pods => pods;

    /// <summary>Adds so many; returns how long each took and how many could not send the moment they were there.</summary>
    public (IReadOnlyList<TimeSpan> Times, int NotAtOnce) Add(int count)
    {
        pods.AddRange(
            Enumerable.Range(0, count).Select(_ => new BarePod($"many{made++}", NetworkNamespace.Create(), lab))
        );
        using var echo = new EchoServer(lab.Outside);
        var notAtOnce = 0;
        var times = Each(pod =>
        {
            var time = pod.Add();
            Interlocked.Add(ref notAtOnce, pod.Reaches(echo) ? 0 : 1);
            return time;
        });
        return (times, notAtOnce);
    }

    /// <summary>Deletes all; returns how long each took.</summary>
    public IReadOnlyList<TimeSpan> Delete()
    {
        var times = Each(pod => pod.Delete());
        Dispose();
        return times;
    }

    public void Dispose()
    {
        pods.ForEach(pod => pod.Dispose());
        pods.Clear();
    }

    // On threads of its own: the action waits for processes, and the pool's threads are what it waits with.
    private TimeSpan[] Each(Func<BarePod, TimeSpan> action)
    {
        var waiting = new ConcurrentQueue<BarePod>(pods);
        var times = new ConcurrentQueue<TimeSpan>();
        var failures = new ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, AtOnce).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return failures.IsEmpty ? [.. times] : throw new AggregateException(failures);

        void Work()
        {
            try
            {
                while (waiting.TryDequeue(out var pod))
                {
                    times.Enqueue(action(pod));
                }
            }
            catch (Exception e)
            {
                failures.Enqueue(e);
            }
        }
    }
}

/// <summary>A pod that is a network namespace and nothing else.</summary>
internal sealed class BarePod(string name, NetworkNamespace network, TwoNodes lab) : IDisposable
{
    private readonly string pin = Path.Combine(lab.Directory, "netns", name);
    private string? result;

    public NetworkNamespace Network => network;

    public TimeSpan Add()
    {
        network.PinTo(pin);
        var watch = Stopwatch.StartNew();
        result = Call("ADD");
        return watch.Elapsed;
    }

    public TimeSpan Delete()
    {
        var watch = Stopwatch.StartNew();
        Call("DEL");
        return watch.Elapsed;
    }

    /// <summary>Whether its very first packets, of each family, are answered.</summary>
    public bool Reaches(EchoServer echo) =>
        echo.Addresses.All(address =>
        {
            using var socket = network.Run(() => new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
            socket.Connect(address);
            socket.Send("first"u8);
            return socket.Poll(TimeSpan.FromMilliseconds(500), SelectMode.SelectRead);
        });

    public void Dispose()
    {
        NetworkNamespace.Unpin(pin);
        network.Dispose();
    }

    private string Call(string verb)
    {
        var config = new JsonObject
        {
            ["cniVersion"] = "1.1.0",
            ["name"] = "weft",
            ["type"] = "weft-cni",
            ["agentSocket"] = Path.Combine(lab.Directory, "nodes", "node1", "run", WeftPaths.SocketName),
        };
        if (result is not null)
        {
            config["prevResult"] = JsonNode.Parse(result);
        }

        var environment = new Dictionary<string, string>
        {
            ["CNI_COMMAND"] = verb,
            ["CNI_CONTAINERID"] = name,
            ["CNI_NETNS"] = pin,
            ["CNI_IFNAME"] = "eth0",
            ["CNI_PATH"] = Path.GetDirectoryName(PluginBinary.Location)!,
        };
        return lab.Nodes[0].Network.Run(() => PluginBinary.Run(environment, config.ToJsonString()).Succeeded().Output);
    }
}

/// <summary>Sends every datagram back, on one port of each family, from a thread of its own.</summary>
internal sealed class EchoServer : IDisposable
{
    private readonly Socket[] sockets;

    public EchoServer(Machine machine)
    {
        sockets = [machine.Udp(AddressFamily.InterNetwork), machine.Udp(AddressFamily.InterNetworkV6)];
        foreach (var socket in sockets)
        {
            socket.ReceiveTimeout = 0;
            new Thread(() => Answer(socket)) { IsBackground = true }.Start();
        }
    }

    public IEnumerable<EndPoint> Addresses => sockets.Select(socket => socket.LocalEndPoint!);

    public void Dispose() => Array.ForEach(sockets, socket => socket.Dispose());

    private static void Answer(Socket socket)
    {
        try
        {
            while (true)
            {
                var (payload, from) = socket.ReceiveDatagram();
                socket.SendTo(payload, from);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The socket was closed: the test is over.
        }
    }
}
