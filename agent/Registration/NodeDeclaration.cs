using Weft.Agent.Configuration;
using Weft.Agent.Node;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Resources;

namespace Weft.Agent.Registration;

/// <summary>What this node says of itself in its WeftNode. Pure; equal when there is nothing to write.</summary>
/// <param name="Addresses">Underlay addresses, those of the devices to the outside first.</param>
/// <param name="RoutingMode">vxlan or native.</param>
/// <param name="Health">Whether it can serve.</param>
internal sealed record NodeDeclaration(IReadOnlyList<string> Addresses, string RoutingMode, NodeHealth Health)
{
    /// <summary>Of the network the node is in. Addresses in pod prefixes are the pods' gateways: no other node sends there.</summary>
    public static NodeDeclaration Of(
        NodeSettings settings,
        Underlay underlay,
        IReadOnlyList<Prefix> podCidrs,
        NodeHealth health
    )
    {
        var outside = underlay.Devices.SelectMany(device => new[] { device.V4, device.V6 }).OfType<Ip>();
        var usable = outside
            .Concat(underlay.Addresses)
            .Where(address => !address.IsLoopback && !podCidrs.Any(prefix => prefix.Contains(address)))
            .Distinct()
            .Select(address => address.ToString());
        return new NodeDeclaration(
            [.. usable],
            settings.RoutingMode == Configuration.RoutingMode.Vxlan ? "vxlan" : "native",
            health
        );
    }

    /// <summary>The part of the object's desired state that is the agent's.</summary>
    public WeftNode ToSpec(string name, string nodeUid) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Name = name,
                OwnerReferences =
                [
                    new OwnerReference
                    {
                        ApiVersion = Kinds.Nodes.ApiVersion,
                        Kind = Kinds.Nodes.Kind,
                        Name = name,
                        Uid = nodeUid,
                    },
                ],
            },
            Spec = new WeftNodeSpec { Addresses = Addresses, RoutingMode = RoutingMode },
        };

    /// <summary>The part of the object's state that is the agent's.</summary>
    /// <param name="name">Name of the node.</param>
    /// <param name="since">Since when it is as healthy as it is.</param>
    public WeftNode ToStatus(string name, DateTimeOffset since) =>
        new()
        {
            Metadata = new ObjectMeta { Name = name },
            Status = new WeftNodeStatus
            {
                AgentVersion = AgentVersion.Text,
                Conditions =
                [
                    new Condition
                    {
                        Type = WeftNodeStatus.Ready,
                        Status = Health.Status,
                        Reason = Health.Reason,
                        Message = Health.Message,
                        LastTransitionTime = since,
                    },
                ],
            },
        };

    /// <inheritdoc/>
    public bool Equals(NodeDeclaration? other) =>
        other is not null
        && Addresses.SequenceEqual(other.Addresses)
        && RoutingMode == other.RoutingMode
        && Health == other.Health;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Addresses.Count, RoutingMode, Health);
}
