using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Kubernetes;
using Weft.Lab.Probes;
using Weft.Net;
using Weft.Tests.EndToEnd.Datapath;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>A change is seen whole or not at all, and by what flows already too.</summary>
[Collection(typeof(MachineWide))]
public sealed class AtomicChangeTests(AtomicChangeTests.Fixture fixture) : IClassFixture<AtomicChangeTests.Fixture>
{
    private const string Closed = "podSelector: {matchLabels: {pod: a}}";
    private const string ClosedOut = "podSelector: {matchLabels: {pod: b}}, policyTypes: [Egress]";

    /// <summary>How long changes go on; a night's run finds what a minute does not.</summary>
    private const string MinutesVariable = "WEFT_POLICY_CHANGE_MINUTES";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);
    private readonly PolicyLab lab = fixture.Lab;

    /// <summary>From and to, on one node and on two; and whose policies cut it.</summary>
    public static TheoryData<string, string, string, int> Sides =>
        new()
        {
            { "y/b", "x/a", "ingress", 0 },
            { "y/b", "x/a", "ingress", 1 },
            { "y/a", "x/a", "ingress", 0 },
            { "y/a", "x/a", "ingress", 1 },
            { "x/b", "y/a", "egress", 0 },
            { "x/b", "y/a", "egress", 1 },
            { "x/b", "y/b", "egress", 0 },
            { "x/b", "y/b", "egress", 1 },
        };

    [Fact]
    public async Task No_wrong_verdict_is_seen_while_everything_changes()
    {
        lab.Reset();
        using var client = new KubernetesClient(ClusterConnection.FromKubeconfig($"{lab.Lab.Directory}/kubeconfig"));
        var mill = new ChangeMill(client, TestContext.Current.CancellationToken);
        await mill.StartAsync();
        await Reachability.BecomesAsync(
            lab.Pods,
            new Expectation(
                PathProtocol.Tcp,
                80,
                (from, to) => !from.Is("x/c") && (!to.Is("x/a") || from.Is("x/b") || from.Is("y/b"))
            )
        );

        PolicyPod[] sources = [lab["x/b"], lab["y/b"]];
        var denied = DeniedBetween(sources, lab["x/a"]);
        using var watcher = new Watcher();
        foreach (var family in (int[])[0, 1])
        {
            // One on the same node, one on the other.
            foreach (var source in sources)
            {
                watcher.Watch(source, Flows.Stream(source, lab["x/a"], family));
                watcher.Watch(source, Flows.Exchange(source, lab["x/a"], family));
                watcher.Watch(source, Flows.NewExchanges(source, lab["x/a"], family));
            }

            watcher.Watch(lab["z/a"], Flows.Denied(lab["z/a"], lab["x/a"], family));
            watcher.Watch(lab["z/b"], Flows.Denied(lab["z/b"], lab["x/a"], family));
            watcher.Watch(lab["x/c"], Flows.Denied(lab["x/c"], lab["y/b"], family));
            watcher.Watch(lab["x/c"], Flows.Denied(lab["x/c"], lab["y/c"], family));
        }

        var changes = 0;
        var time = Stopwatch.StartNew();
        while (time.Elapsed < Duration() && watcher.Wrong.Count == 0)
        {
            changes = await mill.TurnAsync();
        }

        watcher.Stop();
        TestContext.Current.SendDiagnosticMessage($"{changes} changes, {watcher.Rounds} rounds of flows and probes");
        Assert.True(watcher.Wrong.Count == 0, $"after {changes} changes: {string.Join('\n', watcher.Wrong.Take(20))}");
        // Not even one packet that was sent again: a TCP segment, or a datagram that was asked for once more.
        Assert.Equal(denied, DeniedBetween(sources, lab["x/a"]));
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task What_is_tightened_cuts_what_flows(string source, string destination, string side, int family)
    {
        lab.Reset();
        await Everything(works: true);
        var (from, to) = (lab[source], lab[destination]);
        using var tcp = Connect(from, to, family, SocketType.Stream);
        using var udp = Connect(from, to, family, SocketType.Dgram);
        Assert.True(Answers(tcp, Patience) && Answers(udp, Patience));
        lab.Apply(Policy(side == "ingress" ? Closed : ClosedOut));
        await Reachability.BecomesAsync(
            [from, to],
            new Expectation(PathProtocol.Tcp, 80, (client, _) => client != from.Name)
        );

        // What is denied to new connections is denied to live ones: what they send, and what is sent to them.
        Assert.False(Answers(udp, Silence));
        Assert.False(Answers(tcp, Silence));
        lab.Kubectl("delete", "networkpolicies", "--all", "-n", "x");
        Traffic.Eventually("the same ports exchange again", Patience, () => Answers(udp, Silence));
        // TCP repeats what was not acknowledged, the later the longer it was cut: nothing of it is lost.
        tcp.ReceiveTimeout = 60_000;
        Assert.True(tcp.Receive(new byte[1]) > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_connection_half_open_is_completed_only_when_policies_allow_it(int family)
    {
        lab.Reset();
        await Everything(works: true);
        // A listener that is full drops the SYNs that come, and the client repeats them.
        var (from, to) = (lab["y/b"], lab["x/a"]);
        using var listener = to.Network.Run(() =>
            new Socket(to.Addresses[family].AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        );
        listener.Bind(new IPEndPoint(to.Addresses[family], 0));
        listener.Listen(1);
        var full = new List<Socket>();
        try
        {
            while (full.Count == 0 || full[^1].Poll(TimeSpan.FromMilliseconds(500), SelectMode.SelectWrite))
            {
                full.Add(Begin(from, (IPEndPoint)listener.LocalEndPoint!));
            }

            var halfOpen = full[^1];
            lab.Apply(Policy(Closed));
            await Reachability.BecomesAsync(
                [from, to],
                new Expectation(PathProtocol.Tcp, 80, (_, to) => to.Name != "a")
            );
            // The listener has room from now on.
            while (listener.Poll(0, SelectMode.SelectRead))
            {
                listener.Accept().Dispose();
            }

            Assert.False(halfOpen.Poll(TimeSpan.FromSeconds(4), SelectMode.SelectWrite));
            lab.Kubectl("delete", "networkpolicies", "--all", "-n", "x");
            Assert.True(halfOpen.Poll(TimeSpan.FromSeconds(60), SelectMode.SelectWrite));
        }
        finally
        {
            full.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>How many packets between them each node's policies have denied, by what it notes of denials.</summary>
    private string DeniedBetween(PolicyPod[] sources, PolicyPod target)
    {
        var counts = new List<string>();
        foreach (var node in (int[])[1, 2])
        {
            using var pinned = PinnedMap.Open<DenialKey, DenialValue>(
                $"/proc/{lab.Lab.AgentOf(node)}/root/sys/fs/bpf/weft/denials"
            );
            counts.AddRange(
                pinned
                    .Map.ToDictionary()
                    .Select(entry => (Pod: entry.Key.Pod.ToIp(), Peer: entry.Key.Peer.ToIp(), entry.Key, entry.Value))
                    .Where(entry =>
                        (Has(target, entry.Pod) && sources.Any(source => Has(source, entry.Peer)))
                        || (Has(target, entry.Peer) && sources.Any(source => Has(source, entry.Pod)))
                    )
                    .Select(entry =>
                        $"node{node}: {entry.Pod} {entry.Key.Direction} {entry.Peer} {entry.Key.Protocol}/{ConfigValue.ToHost(entry.Key.PortNetwork)}: {entry.Value.Packets}"
                    )
            );
        }

        counts.Sort(StringComparer.Ordinal);
        return string.Join('\n', counts);
    }

    private static bool Has(PolicyPod pod, Ip address) => pod.Addresses.Contains(address.ToIPAddress());

    private static TimeSpan Duration() =>
        TimeSpan.FromMinutes(
            double.Parse(Environment.GetEnvironmentVariable(MinutesVariable) ?? "1", CultureInfo.InvariantCulture)
        );

    private Task Everything(bool works) =>
        Reachability.BecomesAsync(lab.Pods, new Expectation(PathProtocol.Tcp, 80, (_, _) => works));

    private static string Policy(string spec) =>
        $$"""
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: closed, namespace: x}
            spec: { {{spec}} }
            """;

    private static Socket Connect(PolicyPod from, PolicyPod to, int family, SocketType type)
    {
        var socket = from.Network.Run(() =>
            new Socket(
                to.Addresses[family].AddressFamily,
                type,
                type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp
            )
        );
        socket.Connect(new IPEndPoint(to.Addresses[family], 80));
        return socket;
    }

    private static Socket Begin(PolicyPod from, IPEndPoint to)
    {
        var socket = from.Network.Run(() => new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        socket.Blocking = false;
        Assert.Equal(SocketError.WouldBlock, Traffic.ErrorOf(() => socket.Connect(to)));
        return socket;
    }

    /// <summary>Whether anything comes back for a byte.</summary>
    private static bool Answers(Socket socket, TimeSpan patience)
    {
        var buffer = new byte[1 << 11];
        while (socket.Poll(0, SelectMode.SelectRead))
        {
            socket.Receive(buffer);
        }

        socket.Send([1]);
        return socket.Poll(patience, SelectMode.SelectRead);
    }

    public sealed class Fixture : IDisposable
    {
        internal PolicyLab Lab { get; } = new VxlanPolicyLab();

        public void Dispose() => Lab.Dispose();
    }
}
