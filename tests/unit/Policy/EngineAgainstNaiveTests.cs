using Weft.Net;
using Weft.Policy;
using Weft.Policy.Entries;
using Weft.Policy.Peers;
using Weft.Policy.Rules;
using Weft.Policy.Sets;

namespace Weft.Tests.Unit.Policy;

/// <summary>The engine and an evaluator without any of its ideas agree on random clusters, whatever their history.</summary>
public sealed class EngineAgainstNaiveTests
{
    private static readonly Ip[] Outside =
    [
        Ip.Parse("198.51.100.9"),
        Ip.Parse("10.1.2.3"),
        Ip.Parse("2001:db8::9"),
        Ip.Parse("fd00:9::1"),
    ];

    private static readonly (string Name, Transport Protocol)[] Protocols =
    [
        ("TCP", Transport.Tcp),
        ("UDP", Transport.Udp),
        ("SCTP", Transport.Sctp),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Same_verdict_for_every_connection(int part)
    {
        for (var seed = part * 1000; seed < (part * 1000) + 40; seed++)
        {
            var random = new RandomClusters(seed);
            var engine = new PolicyEngine();

            // What was before must leave no trace.
            Fill(engine, random, out _, out var before, out var earlier);
            foreach (var policy in earlier)
            {
                engine.Remove(Weft.Kubernetes.Objects.ObjectKey.Of(policy));
            }

            foreach (var identity in before.Values)
            {
                engine.Remove(identity.Id);
            }

            Assert.Equal(0, engine.PeerGroupCount);
            Fill(engine, random, out var namespaces, out var pods, out var policies);
            Compare(seed, engine, namespaces, pods, policies);
        }
    }

    private static void Fill(
        PolicyEngine engine,
        RandomClusters random,
        out Dictionary<string, Dictionary<string, string>> namespaces,
        out Dictionary<NaivePod, PolicyIdentity> pods,
        out List<Weft.Kubernetes.Objects.NetworkPolicy> policies
    )
    {
        var labels = namespaces = random.Namespaces();
        pods = random
            .Pods()
            .Select((pod, index) => (pod, identity: pod.Identity((uint)index + 300, labels)))
            .ToDictionary(pair => pair.pod, pair => pair.identity);
        policies = random.Policies();

        // Identities and policies come in any order.
        var half = pods.Values.Take(4).ToList();
        half.ForEach(identity => engine.Set(identity));
        policies.ForEach(policy => engine.Set(PolicyReader.Read(policy)));
        foreach (var identity in pods.Values.Except(half))
        {
            engine.Set(identity);
        }
    }

    private static void Compare(
        int seed,
        PolicyEngine engine,
        Dictionary<string, Dictionary<string, string>> namespaces,
        Dictionary<NaivePod, PolicyIdentity> pods,
        List<Weft.Kubernetes.Objects.NetworkPolicy> policies
    )
    {
        var peers = pods
            .Keys.SelectMany(pod => pod.Addresses.Select(address => ((NaivePod?)pod, address)))
            .Concat(Outside.Select(address => ((NaivePod?)null, address)))
            .ToList();
        var blocks = BlockTable.Empty.With(
            engine.Blocks,
            pods.Values.SelectMany(identity =>
                SetEntries.SingleAddresses(engine.SetOf(identity), engine.Identities, AddressesOf)
            )
        );
        foreach (var (pod, identity) in pods)
        {
            var set = engine.SetOf(identity);
            var entries = SetEntries
                .Of(set, blocks, engine.Identities, AddressesOf)
                .ToLookup(entry => (entry.Key.Direction, entry.Key.Peer));
            foreach (var (peer, address) in peers)
            {
                var block = blocks.Find(address);
                foreach (var (name, protocol) in Protocols)
                {
                    foreach (var port in (int[])[1, 53, 60, 80, 8080, 65535])
                    {
                        var other = peer is null ? null : pods[peer];
                        var connection = $"seed {seed}: {pod.Name} and {address}, {name} {port}";
                        var ingress = NaiveEvaluator.IngressAllows(
                            policies,
                            namespaces,
                            peer,
                            address,
                            pod,
                            name,
                            port
                        );
                        var egress = NaiveEvaluator.EgressAllows(policies, namespaces, pod, peer, address, name, port);
                        Same(
                            ingress,
                            set.Ingress.Judge(other, address, protocol, (ushort)port),
                            $"ingress, {connection}"
                        );
                        Same(egress, set.Egress.Judge(other, address, protocol, (ushort)port), $"egress, {connection}");
                        Same(ingress, Look(Direction.Ingress), $"ingress entries, {connection}");
                        Same(egress, Look(Direction.Egress), $"egress entries, {connection}");

                        // As the datapath looks: by the peer's identity, the block of its address, and anybody.
                        Verdict Look(Direction direction)
                        {
                            if (set.Of(direction).IsolatedBy.Count == 0)
                            {
                                return Verdict.NotIsolated;
                            }

                            uint?[] looked = [other?.Id, block?.Number, SetEntries.AnyPeer];
                            var found = looked
                                .OfType<uint>()
                                .SelectMany(peer => entries[(direction, peer)])
                                .Where(entry =>
                                    (entry.Key.Protocol == Transport.Any || entry.Key.Protocol == protocol)
                                    && entry.Key.Ports.Contains((ushort)port)
                                )
                                .Select(entry => entry.Value)
                                .FirstOrDefault();
                            return new Verdict(found is not null, found, []);
                        }
                    }
                }
            }
        }

        IEnumerable<Ip> AddressesOf(uint identity) => pods.First(pod => pod.Value.Id == identity).Key.Addresses;
    }

    private static void Same(bool expected, Verdict verdict, string connection) =>
        Assert.True(expected == verdict.Allowed, connection);
}
