using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Weft.Bench.Results;
using Weft.Bench.Traffic;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab;

namespace Weft.Bench.Parts;

/// <summary>
/// From the request that creates a policy to the first packet it denies on the last of the nodes, seen by datagrams that
/// are answered within microseconds until they no longer are.
/// </summary>
internal static class PolicyDelay
{
    private const int Nodes = 3;
    private const int Times = 100;
    private const int Port = 7000;
    private const string Space = "delay";
    private static readonly TimeSpan Denied = TimeSpan.FromMilliseconds(50);

    public static void Measure(ResultList results, CancellationToken cancel)
    {
        using var lab = BenchLab.StartKubernetes(Nodes, RoutingMode.Vxlan, cancel);
        using var client = lab.Client();
        var asking = lab.RunClusterPod("asking", "client", 1);
        List<Prober> probers =
        [
            .. Enumerable.Range(1, Nodes).Select(n => new Prober(asking, lab.RunClusterPod(Space, $"server-{n}", n))),
        ];
        var key = new ObjectKey(Space, "deny");
        List<double> delays = [];
        for (var i = 0; i < Times; i++)
        {
            cancel.ThrowIfCancellationRequested();
            probers.ForEach(prober => prober.WaitForAnswer());
            // On threads of their own: the pool's are for the request.
            var ended = probers.ConvertAll(prober =>
                Task.Factory.StartNew(
                    prober.AskUntilDenied,
                    cancel,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
            );
            var start = Stopwatch.GetTimestamp();
            client.CreateAsync(Kinds.NetworkPolicies, Deny(key), cancel).GetAwaiter().GetResult();
            Task.WaitAll([.. ended], cancel);
            delays.Add(ended.Max(end => Stopwatch.GetElapsedTime(start, end.Result).TotalMilliseconds));
            client.DeleteAsync(Kinds.NetworkPolicies, key, null, cancel).GetAwaiter().GetResult();
        }

        probers.ForEach(prober => prober.Dispose());
        double[] sorted = [.. delays.Order()];
        results.Add("apply of a policy to enforced on every node, median", sorted.Quantile(0.5), "ms");
        results.Add(Names.PolicyDelay, sorted.Quantile(0.99), "ms");
    }

    private static NetworkPolicy Deny(ObjectKey key) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = key.Namespace, Name = key.Name },
            Spec = new NetworkPolicySpec { PodSelector = new LabelSelector() },
        };

    /// <summary>Asks one server again and again.</summary>
    private sealed class Prober : IDisposable
    {
        private readonly Socket client;
        private readonly Socket server;

        public Prober(TrafficEnd from, TrafficEnd to)
        {
            server = New(to);
            server.Bind(new IPEndPoint(IPAddress.Any, Port));
            client = New(from);
            client.Connect(IPAddress.Parse(to.V4.ToString()), Port);
            client.ReceiveTimeout = (int)Denied.TotalMilliseconds;
            new Thread(Answer) { IsBackground = true }.Start();
        }

        /// <summary>When the first question that got no answer was asked.</summary>
        public long AskUntilDenied()
        {
            while (true)
            {
                var asked = Stopwatch.GetTimestamp();
                if (!Ask())
                {
                    return asked;
                }

                // Asking all the time would keep the agents from their work.
                Thread.Sleep(1);
            }
        }

        public void WaitForAnswer()
        {
            var patience = Stopwatch.StartNew();
            while (!Ask())
            {
                if (patience.Elapsed > TimeSpan.FromSeconds(30))
                {
                    throw new BenchException("a policy that was deleted is still enforced after 30 s");
                }
            }
        }

        public void Dispose()
        {
            client.Dispose();
            server.Dispose();
        }

        private bool Ask()
        {
            try
            {
                client.Send([1]);
                return client.Receive(new byte[1]) == 1;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.TimedOut)
            {
                return false;
            }
        }

        private void Answer()
        {
            var question = new byte[1];
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            try
            {
                while (true)
                {
                    server.ReceiveFrom(question, ref from);
                    server.SendTo(question, from);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Disposed of: the end.
            }
        }

        private static Socket New(TrafficEnd end) =>
            end.Netns.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
    }
}
