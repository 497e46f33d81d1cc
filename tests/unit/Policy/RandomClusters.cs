using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Tests.Unit.Policy;

/// <summary>
/// Random small clusters from few labels, names, ports and prefixes, so that they meet often: absent keys, empty
/// values, names that mean other numbers on other pods, prefixes inside of prefixes, both families.
/// </summary>
internal sealed class RandomClusters(int seed)
{
    private static readonly string[] Keys = ["app", "tier", "ns"];
    private static readonly string[] Values = ["", "a", "b", "c"];
    private static readonly string[] PortNames = ["http", "dns", "other"];
    private static readonly string[] Protocols = ["TCP", "UDP", "SCTP"];
    private static readonly int[] Numbers = [1, 53, 80, 81, 8080, 65535];

    private static readonly string[] Prefixes =
    [
        "0.0.0.0/0",
        "10.0.0.0/8",
        "10.244.0.0/16",
        "10.244.1.0/24",
        "10.244.1.7/24",
        "10.244.1.4/30",
        "10.244.1.5/32",
        "198.51.100.0/24",
        "::/0",
        "fd00::/8",
        "fd00:1::/64",
        "fd00:1::5/128",
        "2001:db8::/32",
    ];

    private readonly Random random = new(seed);

    public Dictionary<string, Dictionary<string, string>> Namespaces() =>
        ((string[])["x", "y", "z"]).ToDictionary(
            name => name,
            name => new Dictionary<string, string>(Labels()) { ["kubernetes.io/metadata.name"] = name }
        );

    public List<NaivePod> Pods() =>
        [
            .. Enumerable
                .Range(1, 9)
                .Select(i => new NaivePod(
                    ((string[])["x", "y", "z"])[i % 3],
                    $"p{i}",
                    Labels(),
                    [Ip.Parse($"10.244.{random.Next(1, 3)}.{i}"), Ip.Parse($"fd00:{random.Next(1, 3)}::{i}")],
                    [
                        .. Some(3, () => (Maybe(() => Pick(PortNames)), Pick(Protocols), Pick(Numbers)))
                            .DistinctBy(port => (port.Item2, port.Item3))
                            .Select(port => (port.Item1, port.Item2, port.Item3)),
                    ]
                )),
        ];

    public List<NetworkPolicy> Policies() =>
        [
            .. Enumerable
                .Range(0, random.Next(0, 6))
                .Select(i => Policy(((string[])["x", "y", "z"])[random.Next(3)], $"np{i}")),
        ];

    private NetworkPolicy Policy(string @namespace, string name) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = @namespace, Name = name },
            Spec = new NetworkPolicySpec
            {
                PodSelector = Selector(),
                PolicyTypes = Maybe(() =>
                    Pick<IReadOnlyList<string>>([
                        ["Ingress"],
                        ["Egress"],
                        ["Ingress", "Egress"],
                        [],
                    ])
                ),
                Ingress = Maybe(() =>
                    Some(
                        3,
                        () =>
                            new NetworkPolicyIngressRule
                            {
                                From = Maybe(() => Some(3, Peer)),
                                Ports = Maybe(() => Some(3, Port)),
                            }
                    )
                ),
                Egress = Maybe(() =>
                    Some(
                        3,
                        () =>
                            new NetworkPolicyEgressRule
                            {
                                To = Maybe(() => Some(3, Peer)),
                                Ports = Maybe(() => Some(3, Port)),
                            }
                    )
                ),
            },
        };

    private NetworkPolicyPeer Peer() =>
        random.Next(5) switch
        {
            0 => new NetworkPolicyPeer { PodSelector = Selector() },
            1 => new NetworkPolicyPeer { NamespaceSelector = Selector() },
            2 => new NetworkPolicyPeer { PodSelector = Selector(), NamespaceSelector = Selector() },
            _ => new NetworkPolicyPeer { IpBlock = Block() },
        };

    private IPBlock Block()
    {
        var cidr = Prefix.Parse(Pick(Prefixes));
        var inside = Prefixes
            .Where(text =>
                Prefix.Parse(text) is var p && p.IsV4 == cidr.IsV4 && p.Length > cidr.Length && cidr.Contains(p.First)
            )
            .ToList();
        return new IPBlock
        {
            Cidr = cidr.ToString(),
            Except = Maybe(() => inside.Where(_ => random.Next(2) == 0).ToList()),
        };
    }

    private NetworkPolicyPort Port()
    {
        var protocol = Maybe(() => Pick(Protocols));
        return random.Next(4) switch
        {
            0 => new NetworkPolicyPort { Protocol = protocol },
            1 => new NetworkPolicyPort { Protocol = protocol, Port = new IntOrString(Pick(PortNames)) },
            2 => new NetworkPolicyPort
            {
                Protocol = protocol,
                Port = new IntOrString(53),
                EndPort = Pick((int[])[53, 80, 8080, 65535]),
            },
            _ => new NetworkPolicyPort { Protocol = protocol, Port = new IntOrString(Pick(Numbers)) },
        };
    }

    private LabelSelector Selector() =>
        new()
        {
            MatchLabels = Maybe(() => new Dictionary<string, string>(Labels())),
            MatchExpressions = Maybe(() =>
                Some(
                    2,
                    () =>
                        random.Next(2) == 0
                            ? new LabelSelectorRequirement
                            {
                                Key = Pick(Keys),
                                Operator = Pick((string[])["Exists", "DoesNotExist"]),
                            }
                            : new LabelSelectorRequirement
                            {
                                Key = Pick(Keys),
                                Operator = Pick((string[])["In", "NotIn"]),
                                Values = [Pick(Values), Pick(Values)],
                            }
                )
            ),
        };

    private Dictionary<string, string> Labels() =>
        Keys.Where(_ => random.Next(3) == 0).ToDictionary(key => key, _ => Pick(Values));

    private List<T> Some<T>(int most, Func<T> make) =>
        [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => make())];

    private T? Maybe<T>(Func<T> make)
        where T : class => random.Next(3) == 0 ? null : make();

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
