using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Policy.Identities;
using Weft.Policy.Peers;
using Weft.Policy.Rules;

namespace Weft.Policy.Explanations;

/// <summary>What the policies of both ends say to a connection between two addresses, and why.</summary>
/// <param name="Source">Address of the end that opens it.</param>
/// <param name="Destination">Address of the other, of the same family.</param>
/// <param name="Egress">The side of the source.</param>
/// <param name="Ingress">The side of the destination.</param>
public sealed record Explanation(Ip Source, Ip Destination, SideVerdict Egress, SideVerdict Ingress)
{
    /// <summary>Whether both sides let it pass.</summary>
    public bool Passes => Egress.Passes && Ingress.Passes;

    /// <summary>One explanation for each family that both ends have.</summary>
    /// <param name="policies">All policies of the ends' namespaces; others do no harm.</param>
    /// <param name="from">The end that opens the connection.</param>
    /// <param name="to">The other end.</param>
    /// <param name="protocol">IP protocol number.</param>
    /// <param name="port">Port of the destination; 0 for a protocol without ports.</param>
    public static IReadOnlyList<Explanation> Of(
        IEnumerable<NetworkPolicy> policies,
        ConnectionEnd from,
        ConnectionEnd to,
        Transport protocol,
        ushort port
    )
    {
        var engine = new PolicyEngine();
        foreach (var policy in policies)
        {
            engine.Set(PolicyReader.Read(policy));
        }

        var (source, destination) = (IdentityOf(from, 1), IdentityOf(to, 2));
        foreach (var identity in new[] { source, destination }.OfType<PolicyIdentity>())
        {
            engine.Set(identity);
        }

        return
        [
            .. from here in @from.Addresses
            from there in to.Addresses
            where here.IsV4 == there.IsV4
            select new Explanation(
                here,
                there,
                Judge(Direction.Egress, engine, @from, source, destination, there, protocol, port),
                Judge(Direction.Ingress, engine, to, destination, source, here, protocol, port)
            ),
        ];
    }

    private static SideVerdict Judge(
        Direction direction,
        PolicyEngine engine,
        ConnectionEnd own,
        PolicyIdentity? identity,
        PolicyIdentity? peer,
        Ip address,
        Transport protocol,
        ushort port
    )
    {
        if (identity is null)
        {
            return new SideVerdict(direction, SideOutcome.NoPod, null, [], false);
        }

        var verdict = engine.SetOf(identity).Of(direction).Judge(peer, address, protocol, port);
        var outcome =
            verdict.IsolatedBy.Count == 0 ? SideOutcome.NotIsolated
            : own.Addresses.Contains(address) ? SideOutcome.Itself
            : direction == Direction.Ingress && IsOwnNode(own.Pod!, address) ? SideOutcome.OwnNode
            : verdict.Allowed ? SideOutcome.Allowed
            : SideOutcome.Denied;
        return new SideVerdict(
            direction,
            outcome,
            outcome == SideOutcome.Allowed ? verdict.By : null,
            verdict.IsolatedBy,
            own.IsAudited
        );
    }

    private static bool IsOwnNode(Pod pod, Ip address) =>
        (pod.Status?.HostIPs ?? [])
            .Select(host => host.Ip)
            .Append(pod.Status?.HostIP)
            .Any(host => Ip.TryParse(host, out var node) && node == address);

    private static PolicyIdentity? IdentityOf(ConnectionEnd end, uint number) =>
        end is { IsSelectable: true, Pod: { } pod }
            ? new PolicyIdentity(
                number,
                pod.Metadata.Namespace ?? "",
                pod.Metadata.Labels ?? new Dictionary<string, string>(),
                end.NamespaceLabels ?? new Dictionary<string, string>(),
                [
                    .. NamedPorts
                        .Of(pod)
                        .SelectMany(named =>
                            Transports.Parse(named.Protocol) is { } transport
                                ? (PodPort[])[new PodPort(named.Name, transport, (ushort)named.Port)]
                                : []
                        ),
                ]
            )
            : null;
}
