using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Weft.Bench.Results;
using Weft.Bench.Traffic;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab;

namespace Weft.Bench.Parts;

/// <summary>
/// What policies cost the packets and the agent: traffic between two pods under 1,000 rules on a node that knows 10,000
/// other policies, beside the same traffic between two pods that no policy selects, in turns.
/// </summary>
internal static class PolicyCost
{
    private const string Ruled = "ruled";
    private const string Free = "free";
    private const int OtherPolicies = 10_000;
    private const int OtherNamespaces = 100;
    private const int Rules = 1_000;
    private const int AtOnce = 16;
    private const int DeniedPort = 700;

    public static void Measure(Settings settings, ResultList results, CancellationToken cancel)
    {
        using var lab = BenchLab.StartKubernetes(2, RoutingMode.Vxlan, cancel);
        using var client = lab.Client();
        var free = new TrafficPath(lab.RunClusterPod(Free, "client", 1), lab.RunClusterPod(Free, "server", 1));
        var ruled = new TrafficPath(lab.RunClusterPod(Ruled, "client", 1), lab.RunClusterPod(Ruled, "server", 1));
        var agent = lab.Agent(1);
        results.Add("agent RSS without policies", agent.ResidentMegabytes, "MB");
        Create(client, Others(), cancel);
        Create(client, [OnThePair()], cancel);
        WaitUntilDenied(ruled, cancel);
        results.Add(Names.PolicyRss, agent.ResidentMegabytes, "MB");
        foreach (var (name, megabytes) in agent.Maps().Where(m => m.Name is "policy" or "policy_blocks"))
        {
            results.Add($"map {name}", megabytes, "MB");
        }

        foreach (var kind in TrafficKind.All.Where(k => settings.Kinds.Contains(k.Option) && k.Option is "rr" or "crr"))
        {
            results.Add(
                Turns.Compare(settings, kind, v4: true, Names.Policy, "the same without policies", free, ruled, cancel)
            );
        }
    }

    private static void Create(KubernetesClient client, IEnumerable<NetworkPolicy> policies, CancellationToken cancel)
    {
        var all = policies.ToList();
        foreach (var ns in all.Select(p => p.Metadata.Namespace!).Distinct())
        {
            try
            {
                var space = new Namespace { Metadata = new ObjectMeta { Name = ns } };
                client.CreateAsync(Kinds.Namespaces, space, cancel).GetAwaiter().GetResult();
            }
            catch (KubernetesException e) when (e.IsAlreadyExists)
            {
                // Its pods came first.
            }
        }

        Parallel.ForEach(
            all,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            policy => client.CreateAsync(Kinds.NetworkPolicies, policy, cancel).GetAwaiter().GetResult()
        );
    }

    /// <summary>Nobody listens at this port: who may connect is refused, who may not hears nothing.</summary>
    private static void WaitUntilDenied(TrafficPath path, CancellationToken cancel)
    {
        var patience = Stopwatch.StartNew();
        while (Connects(path))
        {
            cancel.ThrowIfCancellationRequested();
            if (patience.Elapsed > TimeSpan.FromMinutes(2))
            {
                throw new BenchException(
                    "the policies were not enforced within two minutes; is this agent's log fine?"
                );
            }
        }
    }

    private static bool Connects(TrafficPath path)
    {
        using var socket = path.Client.Netns.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        try
        {
            return socket.ConnectAsync(IPAddress.Parse(path.Server.V4.ToString()), DeniedPort).Wait(200);
        }
        catch (AggregateException e) when (e.InnerException is SocketException)
        {
            return true;
        }
    }

    private static IEnumerable<NetworkPolicy> Others() =>
        Enumerable
            .Range(0, OtherPolicies)
            .Select(i => new NetworkPolicy
            {
                Metadata = new ObjectMeta { Namespace = $"other-{Text(i % OtherNamespaces)}", Name = $"p{Text(i)}" },
                Spec = new NetworkPolicySpec
                {
                    PodSelector = App($"a{Text(i / OtherNamespaces)}"),
                    Ingress =
                    [
                        new NetworkPolicyIngressRule
                        {
                            From = [new NetworkPolicyPeer { PodSelector = App($"a{Text((i / OtherNamespaces) + 1)}") }],
                            Ports = [Port(80)],
                        },
                    ],
                },
            });

    /// <summary>Rules for single ports, for prefixes, and last the one that the traffic goes by.</summary>
    private static NetworkPolicy OnThePair()
    {
        var peer = new NetworkPolicyPeer { PodSelector = new LabelSelector() };
        var ports = Enumerable.Range(1, Rules / 2).Select(i => (peer, Port(i)));
        var blocks = Enumerable
            .Range(0, (Rules / 2) - 1)
            .Select(i =>
                (new NetworkPolicyPeer { IpBlock = new IPBlock { Cidr = $"203.{i >> 8}.{i & 255}.0/24" } }, Port(443))
            );
        var all = ports.Concat(blocks).Append((peer, Port(1024) with { EndPort = ushort.MaxValue })).ToList();
        return new NetworkPolicy
        {
            Metadata = new ObjectMeta { Namespace = Ruled, Name = "rules" },
            Spec = new NetworkPolicySpec
            {
                PodSelector = new LabelSelector(),
                PolicyTypes = ["Ingress", "Egress"],
                Ingress = [.. all.Select(r => new NetworkPolicyIngressRule { From = [r.Item1], Ports = [r.Item2] })],
                Egress = [.. all.Select(r => new NetworkPolicyEgressRule { To = [r.Item1], Ports = [r.Item2] })],
            },
        };
    }

    private static LabelSelector App(string value) =>
        new() { MatchLabels = new Dictionary<string, string> { ["app"] = value } };

    private static NetworkPolicyPort Port(int port) => new() { Protocol = "TCP", Port = new IntOrString(port) };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
