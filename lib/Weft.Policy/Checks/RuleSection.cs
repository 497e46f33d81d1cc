using System.Globalization;
using Weft.Kubernetes.Objects;
using Weft.Policy.Rules;

namespace Weft.Policy.Checks;

/// <summary>A rule as the manifest has it, of either direction.</summary>
/// <param name="Direction">Whose section it is in.</param>
/// <param name="Index">Its place there.</param>
/// <param name="Peers"><c>from</c> or <c>to</c>.</param>
/// <param name="Ports">Its ports.</param>
internal sealed record RuleSection(
    Direction Direction,
    int Index,
    IReadOnlyList<NetworkPolicyPeer> Peers,
    IReadOnlyList<NetworkPolicyPort> Ports
)
{
    /// <summary>All rules of a policy.</summary>
    public static IEnumerable<RuleSection> Of(NetworkPolicySpec spec) =>
        (spec.Ingress ?? [])
            .Select((rule, i) => new RuleSection(Direction.Ingress, i, rule.From ?? [], rule.Ports ?? []))
            .Concat(
                (spec.Egress ?? []).Select(
                    (rule, i) => new RuleSection(Direction.Egress, i, rule.To ?? [], rule.Ports ?? [])
                )
            );

    public string PeerPath(int peer) => Path(Direction == Direction.Ingress ? "from" : "to", peer);

    public string PortPath(int port) => Path("ports", port);

    private string Path(string list, int item) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"spec.{(Direction == Direction.Ingress ? "ingress" : "egress")}[{Index}].{list}[{item}]"
        );
}
