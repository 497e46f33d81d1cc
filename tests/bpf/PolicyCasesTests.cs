using System.Globalization;
using System.Text.Json;
using Weft.Agent.Policy;
using Weft.Datapath;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy;
using Weft.Policy.Cases;
using Weft.Policy.Peers;
using Weft.Policy.Rules;
using Weft.Policy.Sets;
using Weft.Tests.Unit.Policy;

namespace Weft.Tests.Bpf;

/// <summary>
/// Compiled policies in the maps give each packet the verdict they ought to. All pods are on this node; an even epoch
/// isolates them in ingress alone and an odd one in egress alone, so that each side's verdict is seen by itself.
/// </summary>
public sealed class PolicyCasesTests
{
    private const uint FirstIdentity = 300;
    private const ushort SourcePort = 40000;

    /// <summary>Every how many-th case is taken: all, but where a machine is emulated and takes minutes for them.</summary>
    private static readonly int Stride = int.Parse(
        Environment.GetEnvironmentVariable("WEFT_CASE_STRIDE") ?? "1",
        CultureInfo.InvariantCulture
    );

    private static readonly Ip[] Outside =
    [
        Ip.Parse("198.51.100.9"),
        Ip.Parse("10.1.2.3"),
        Ip.Parse("2001:db8::9"),
        Ip.Parse("fd00:9::1"),
    ];

    private static readonly ushort[] Ports = [1, 53, 60, 80, 8080, 65535];
    private static readonly Transport[] Transports = [Transport.Tcp, Transport.Udp, Transport.Sctp];

    private readonly DatapathFixture fixture = new();

    [Fact]
    public void Every_verdict_of_the_shared_cases_is_given_to_its_packet()
    {
        var judged = 0;
        foreach (var shared in SharedCase.All.Where((_, index) => index % Stride == 0))
        {
            var cluster = JsonSerializer.Deserialize(shared.Line, CaseJson.Default.PolicyCase)!;
            var pods = cluster.Pods.ToDictionary(
                pod => $"{pod.Namespace}/{pod.Name}",
                pod => new TestedPod(CaseJudge.IdentityOf(cluster, pod, NumberOf(cluster, pod)), [Ip.Parse(pod.Ip)])
            );
            PutInForce(cluster.Policies, pods.Values);
            foreach (var (name, verdict) in shared.Verdicts)
            {
                var parts = name.Split('>', '/');
                var (from, to) = (pods[$"{parts[0]}/{parts[1]}"], pods[$"{parts[2]}/{parts[3]}"]);
                var packet = Opening(
                    from.Addresses[0],
                    to.Addresses[0],
                    Weft.Net.Transports.Parse(parts[4])!.Value,
                    ushort.Parse(parts[5], CultureInfo.InvariantCulture)
                );
                Assert.True(verdict == Judge(packet), $"{shared}: {name} is not {verdict}");
                judged++;
            }
        }

        Assert.True(judged > 60_000 / Stride / 2, $"only {judged} verdicts");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_policies_are_as_the_naive_evaluator_says(int part)
    {
        for (var seed = part * 1000; seed < (part * 1000) + 20; seed += Stride)
        {
            var random = new RandomClusters(seed);
            var namespaces = random.Namespaces();
            var naive = random.Pods();
            var policies = random.Policies();
            var pods = naive.ToDictionary(
                pod => pod,
                pod => new TestedPod(pod.Identity(FirstIdentity + (uint)naive.IndexOf(pod), namespaces), pod.Addresses)
            );
            PutInForce(policies, pods.Values);
            foreach (var pod in naive)
            {
                foreach (var address in pod.Addresses)
                {
                    foreach (
                        var (peer, other) in Peers(naive)
                            .Where(peer => peer.Address.IsV4 == address.IsV4 && peer.Pod != pod)
                    )
                    {
                        Compare($"seed {seed}", policies, namespaces, pod, address, peer, other);
                    }
                }
            }
        }
    }

    private static IEnumerable<(NaivePod? Pod, Ip Address)> Peers(IEnumerable<NaivePod> pods) =>
        pods.SelectMany(pod => pod.Addresses.Select(address => ((NaivePod?)pod, address)))
            .Concat(Outside.Select(address => ((NaivePod?)null, address)));

    private void Compare(
        string where,
        IReadOnlyList<NetworkPolicy> policies,
        Dictionary<string, Dictionary<string, string>> namespaces,
        NaivePod pod,
        Ip address,
        NaivePod? peer,
        Ip other
    )
    {
        foreach (var transport in Transports)
        {
            foreach (var port in Ports)
            {
                var name = transport.ToString().ToUpperInvariant();
                var ingress = NaiveEvaluator.IngressAllows(policies, namespaces, peer, other, pod, name, port);
                Assert.True(
                    ingress == (Judge(Opening(other, address, transport, port))[0] == 'I'),
                    $"{where}: {other} to {pod.Name} {address}, {name} {port}: ingress is not {ingress}"
                );
                var egress = NaiveEvaluator.EgressAllows(policies, namespaces, pod, peer, other, name, port);
                Assert.True(
                    egress == (Judge(Opening(address, other, transport, port))[1] == 'E'),
                    $"{where}: {pod.Name} {address} to {other}, {name} {port}: egress is not {egress}"
                );
            }
        }
    }

    /// <summary>"I" when it passes in the even epoch, "E" when in the odd one, "-" in place of the other.</summary>
    private string Judge(Packet packet)
    {
        var program = fixture.Datapath.Endpoints.TryLookup(MapAddress.From(packet.Source), out _)
            ? fixture.Datapath.Programs.FromPod
            : fixture.Datapath.Programs.FromNetdev;
        var frame = packet.ToFrame();
        var letters = new char[2];
        for (var i = 0; i < 2; i++)
        {
            var shot = program.TestRun(frame, DatapathFixture.Loopback).ReturnValue == (uint)TcAction.Shot;
            letters[i] = shot ? '-' : "IE"[i];
            fixture.MoveEpoch(1);
        }

        return new string(letters);
    }

    private void PutInForce(IEnumerable<NetworkPolicy> policies, IReadOnlyCollection<TestedPod> pods)
    {
        var engine = new PolicyEngine();
        foreach (var policy in policies)
        {
            engine.Set(PolicyReader.Read(policy));
        }

        foreach (var pod in pods)
        {
            engine.Set(pod.Identity);
        }

        fixture.Reset();
        fixture.Datapath.Epoch.Update(0, 1000);
        var maps = new PolicyMaps(fixture.Datapath.Policy, fixture.Datapath.PolicyBlocks);
        var numbers = new Dictionary<PolicySet, uint>();
        foreach (var pod in pods)
        {
            var set = engine.SetOf(pod.Identity);
            var content = SetContent.Of(set, engine.Identities, AddressesOf);
            if (!numbers.TryGetValue(set, out var number))
            {
                numbers[set] = number = (uint)numbers.Count + 1;
                Assert.Null(maps.TryWrite(number, content));
            }

            var word = content.Word(number, audit: false);
            var hasBlocks = content.Blocks.Count > 0;
            var words = new PolicyWords
            {
                [0] = PolicyWord.Of(number, word.Ingress, egress: false, hasBlocks),
                [1] = PolicyWord.Of(number, ingress: false, word.Egress, hasBlocks),
            };
            foreach (var address in pod.Addresses)
            {
                fixture.AddEndpoint(address, pod.Identity.Id, words);
            }
        }

        IEnumerable<Ip> AddressesOf(uint identity) => pods.First(pod => pod.Identity.Id == identity).Addresses;
    }

    private static uint NumberOf(PolicyCase cluster, CasePod pod) =>
        FirstIdentity + (uint)cluster.Pods.ToList().IndexOf(pod);

    private static Packet Opening(Ip source, Ip destination, Transport protocol, ushort port) =>
        new()
        {
            Source = source,
            Destination = destination,
            Protocol = (byte)protocol,
            TcpFlags = Packet.Syn,
            SourcePort = SourcePort,
            DestinationPort = port,
        };

    private sealed record TestedPod(PolicyIdentity Identity, IReadOnlyList<Ip> Addresses);
}
