using System.Diagnostics;
using Weft.Agent.Endpoints;
using Weft.Contracts;
using Weft.Datapath;
using Weft.Net;
using Weft.Policy.Identities;

namespace Weft.Agent.Policy;

/// <summary>
/// What the policies in the maps say, with the names that the maps do not have. The maps are read as
/// bpf/include/policy.h reads them, and nothing else is: so this is what packets meet.
/// </summary>
/// <param name="datapath">The maps.</param>
/// <param name="pods">Names of this node's pods.</param>
/// <param name="epoch">The epoch in force.</param>
/// <param name="policy">Names of sets and rules; null without Kubernetes.</param>
/// <param name="time">Clock.</param>
internal sealed class LivePolicy(
    LoadedDatapath datapath,
    EndpointsMap pods,
    Epoch epoch,
    NodePolicy? policy,
    TimeProvider time
)
{
    private const uint WholeKey = 96;
    private const uint NanosecondsPerTick = 100;
    private static readonly uint WholeAddress = PeerKey.From(Ip.AnyV6.ToPrefix()).PrefixLength;

    /// <summary>State for people and tools; null without Kubernetes.</summary>
    public PolicyState? State() => policy?.State(epoch.Current);

    /// <summary>Whether there is a policy of this name, namespace/name.</summary>
    public bool Follows(string name) => policy?.Follows(name) == true;

    /// <summary>Judges a connection's first packet.</summary>
    /// <exception cref="RequestException">An address is none.</exception>
    public PolicyAnswer Judge(PolicyQuestion question)
    {
        var source = Read(question.Source);
        var destination = Read(question.Destination);
        var names = NamesByAddress();
        var now = epoch.Current;
        var hasSource = datapath.Endpoints.TryLookup(MapAddress.From(source), out var from);
        var hasDestination = datapath.Endpoints.TryLookup(MapAddress.From(destination), out var to);
        return new PolicyAnswer(
            now,
            hasSource
                ? Side(
                    PolicyDirection.Egress,
                    from,
                    from.Policy[now],
                    hasDestination ? to.Identity : IdentityOf(destination),
                    destination
                )
                : null,
            hasDestination
                ? Side(
                    PolicyDirection.Ingress,
                    to,
                    to.Policy[now],
                    hasSource ? from.Identity : IdentityOf(source),
                    source
                )
                : null
        );

        PolicySide Side(PolicyDirection direction, EndpointValue pod, PolicyWord word, uint peer, Ip peerAddress)
        {
            var (verdict, entry) = Verdict(direction, word, peer, peerAddress, question.Protocol, question.Port);
            return new PolicySide(
                verdict,
                names.GetValueOrDefault(direction == PolicyDirection.Egress ? source : destination),
                pod.Identity,
                peer,
                word.Audit,
                policy?.NameOf(word),
                entry is { } found ? policy?.RuleOf(word, found) : null
            );
        }
    }

    /// <summary>What was denied lately, the last first.</summary>
    public IReadOnlyList<DenialState> Denials()
    {
        var names = NamesByAddress();
        var denials = new List<DenialState>();
        // The map's clock is the one of Stopwatch: CLOCK_MONOTONIC, in nanoseconds.
        var (now, nowNs) = (time.GetUtcNow(), (ulong)Stopwatch.GetTimestamp());
        datapath.Denials.Walk(
            (key, value) =>
            {
                var pod = key.Pod.ToIp();
                var peer = key.Peer.ToIp();
                var age = nowNs > value.LastNs ? nowNs - value.LastNs : 0;
                denials.Add(
                    new DenialState(
                        now - TimeSpan.FromTicks((long)(age / NanosecondsPerTick)),
                        value.Packets,
                        key.Direction == PolicyDirection.Ingress ? "ingress" : "egress",
                        pod.ToString(),
                        names.GetValueOrDefault(pod),
                        peer.ToString(),
                        names.GetValueOrDefault(peer),
                        value.Identity,
                        key.Protocol,
                        ConfigValue.ToHost(key.PortNetwork),
                        value.Policy.Audit,
                        policy?.NameOf(value.Policy) ?? new PolicySetName(value.Policy.Set, [], [])
                    )
                );
            }
        );
        return [.. denials.OrderByDescending(denial => denial.Last)];
    }

    /// <summary>is_allowed of bpf/include/policy.h.</summary>
    private (PolicyVerdict Verdict, PolicyValue? Entry) Verdict(
        PolicyDirection direction,
        PolicyWord word,
        uint peer,
        Ip peerAddress,
        byte protocol,
        ushort port
    )
    {
        if (!(direction == PolicyDirection.Ingress ? word.Ingress : word.Egress))
        {
            return (PolicyVerdict.NotIsolated, null);
        }

        if (direction == PolicyDirection.Ingress && peer == ReservedIdentity.ThisHost)
        {
            return (PolicyVerdict.OwnNode, null);
        }

        var found =
            Entry(peer) ?? Entry(PolicyKey.AnyPeer) ?? EntryOfBlock(MapAddress.From(peerAddress)) ?? EntryOfNode();
        return (found is null ? PolicyVerdict.Denied : PolicyVerdict.Allowed, found);

        PolicyValue? Entry(uint whom) =>
            datapath.Policy.TryLookup(
                new PolicyKey
                {
                    PrefixLength = WholeKey,
                    Set = word.Set,
                    Peer = whom,
                    Direction = direction,
                    Protocol = protocol,
                    PortNetwork = ConfigValue.ToNetwork(port),
                },
                out var value
            )
                ? value
                : null;

        PolicyValue? EntryOfBlock(MapAddress address) =>
            word.HasBlocks
            && datapath.PolicyBlocks.TryLookup(PolicyBlockKey.Of(word.Set, address.ToIp().ToPrefix()), out var block)
                ? Entry(block.Peer)
                : null;

        // What another node sends to pods has its gateway's address; blocks name the node by the one people know.
        PolicyValue? EntryOfNode() =>
            peer == ReservedIdentity.OtherNode && FindPeer(peerAddress) is { } node ? EntryOfBlock(node.Node) : null;
    }

    private PeerValue? FindPeer(Ip address) =>
        datapath.Peers.TryLookup(
            new PeerKey { PrefixLength = WholeAddress, Address = MapAddress.From(address) },
            out var peer
        )
            ? peer
            : null;

    private uint IdentityOf(Ip address) => FindPeer(address)?.Identity ?? ReservedIdentity.World;

    private Dictionary<Ip, PodReference?> NamesByAddress()
    {
        var names = new Dictionary<Ip, PodReference?>();
        foreach (var (endpoint, _) in pods.Pods)
        {
            foreach (var ip in endpoint.Ips)
            {
                names[ip] = endpoint.Pod;
            }
        }

        return names;
    }

    private static Ip Read(string text) =>
        Ip.TryParse(text, out var ip)
            ? ip
            : throw new RequestException(CniErrorCode.DecodingFailure, $"\"{text}\" is not an IP address");
}
