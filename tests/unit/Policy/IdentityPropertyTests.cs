using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;
using Weft.Resources;

namespace Weft.Tests.Unit.Policy;

/// <summary>What identities promise, held against random clusters.</summary>
public sealed class IdentityPropertyTests
{
    private const int Clusters = 300;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Pods_that_a_policy_tells_apart_never_share_an_identity(int batch)
    {
        foreach (var (cluster, policies, pods, namespaces) in Random(batch))
        {
            var keys = PolicyKeys.Of(policies);
            foreach (var same in pods.GroupBy(pod => Content(pod, namespaces, keys).Name))
            {
                Assert.True(
                    same.Select(pod => string.Join('\n', policies.Select(policy => See(policy, pod, namespaces))))
                        .Distinct()
                        .Count() == 1,
                    $"cluster {cluster}: {string.Join(", ", same.Select(pod => pod.Name))} are told apart"
                );
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Labels_and_ports_that_no_policy_names_make_no_identity(int batch)
    {
        foreach (var (_, policies, pods, namespaces) in Random(batch))
        {
            var keys = PolicyKeys.Of(policies);
            foreach (var pod in pods)
            {
                var other = pod with
                {
                    Labels = new Dictionary<string, string>(pod.Labels) { ["job-name"] = "batch-1" },
                    Ports = [.. pod.Ports, ("unused", "TCP", 9)],
                };
                Assert.Equal(Content(pod, namespaces, keys), Content(other, namespaces, keys));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_order_of_policies_labels_and_ports_does_not_matter(int batch)
    {
        foreach (var (_, policies, pods, namespaces) in Random(batch))
        {
            var (keys, backwards) = (PolicyKeys.Of(policies), PolicyKeys.Of(policies.Reverse()));
            foreach (var pod in pods)
            {
                var other = pod with { Labels = pod.Labels.Reverse().ToDictionary(), Ports = [.. pod.Ports.Reverse()] };
                Assert.Equal(Content(pod, namespaces, keys), Content(other, namespaces, backwards));
            }
        }
    }

    private static IEnumerable<(
        int Seed,
        IReadOnlyList<NetworkPolicy> Policies,
        IReadOnlyList<NaivePod> Pods,
        Dictionary<string, Dictionary<string, string>> Namespaces
    )> Random(int batch)
    {
        for (var seed = batch * Clusters; seed < (batch + 1) * Clusters; seed++)
        {
            var random = new RandomClusters(seed);
            var namespaces = random.Namespaces();
            yield return (seed, [.. random.Policies()], random.Pods(), namespaces);
        }
    }

    private static IdentityContent Content(
        NaivePod pod,
        Dictionary<string, Dictionary<string, string>> namespaces,
        PolicyKeys keys
    ) =>
        IdentityContent.Of(
            pod.Namespace,
            pod.Labels,
            namespaces[pod.Namespace],
            pod.Ports.Where(port => port.Name is not null)
                .Select(port => new WeftIdentityPort
                {
                    Name = port.Name!,
                    Protocol = port.Protocol,
                    Port = port.Port,
                }),
            keys.For(pod.Namespace)
        );

    /// <summary>All that a policy can see of a pod, straight from what the API says of selectors and port names.</summary>
    private static string See(
        NetworkPolicy policy,
        NaivePod pod,
        Dictionary<string, Dictionary<string, string>> namespaces
    )
    {
        var own = policy.Metadata.Namespace == pod.Namespace;
        var spec = policy.Spec!;
        var selected = own && spec.PodSelector?.Matches(pod.Labels) != false;
        var ingress = (spec.Ingress ?? []).Select(rule => $"{Peers(rule.From)}{(selected ? Ports(rule.Ports) : "")}");
        var egress = (spec.Egress ?? []).Select(rule =>
            Peers(rule.To) is var peers
            && (peers.Contains('T', StringComparison.Ordinal) || rule.To is not { Count: > 0 })
                ? $"{peers}{Ports(rule.Ports)}"
                : peers
        );
        return $"{selected} {string.Join(' ', ingress)} / {string.Join(' ', egress)}";

        string Peers(IReadOnlyList<NetworkPolicyPeer>? peers) =>
            string.Concat((peers ?? []).Select(peer => peer.IpBlock is null && Means(peer) ? 'T' : 'f'));

        bool Means(NetworkPolicyPeer peer) =>
            (peer.NamespaceSelector?.Matches(namespaces[pod.Namespace]) ?? own)
            && (peer.PodSelector?.Matches(pod.Labels) ?? true);

        string Ports(IReadOnlyList<NetworkPolicyPort>? ports) =>
            string.Join(
                ',',
                (ports ?? [])
                    .Where(port => port.Port?.Text is not null)
                    .Select(port =>
                        string.Join(
                            '+',
                            pod.Ports.Where(p =>
                                    p.Name == port.Port!.Value.Text && p.Protocol == (port.Protocol ?? "TCP")
                                )
                                .Select(p => p.Port)
                                .Distinct()
                                .Order()
                        )
                    )
            );
    }
}
