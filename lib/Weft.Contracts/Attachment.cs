namespace Weft.Contracts;

/// <summary>What identifies one attachment of a network: the CNI spec's (CNI_CONTAINERID, CNI_IFNAME) pair.</summary>
/// <param name="ContainerId">CNI_CONTAINERID.</param>
/// <param name="IfName">CNI_IFNAME.</param>
public sealed record AttachmentId(string ContainerId, string IfName)
{
    /// <inheritdoc/>
    public override string ToString() => $"{ContainerId}/{IfName}";
}

/// <summary>The Kubernetes pod an attachment belongs to, from CNI_ARGS (K8S_POD_*).</summary>
public sealed record PodReference(string Namespace, string Name, string? Uid)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>One address of a pod.</summary>
/// <param name="Address">Prefix text, host bits kept: 10.244.1.5/32.</param>
/// <param name="Gateway">Address of the node's side.</param>
public sealed record PodAddress(string Address, string Gateway);

/// <summary>One route inside the pod.</summary>
/// <param name="Destination">Prefix text.</param>
/// <param name="Gateway">Next hop, or null for a link-scope route.</param>
public sealed record PodRoute(string Destination, string? Gateway);

/// <summary>A port of the node that is to lead to the pod (CNI capability <c>portMappings</c>).</summary>
/// <param name="HostIp">The node's address; null for all.</param>
/// <param name="HostPort">The node's port.</param>
/// <param name="ContainerPort">The pod's port.</param>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
public sealed record PortMapping(string? HostIp, ushort HostPort, ushort ContainerPort, string Protocol);

/// <summary>A pod's attachment as it is in the kernel.</summary>
/// <param name="HostInterface">Name of the veth's host end.</param>
/// <param name="HostMac">MAC of the host end: the pod's next hop.</param>
/// <param name="IfName">Name of the veth's pod end.</param>
/// <param name="Mac">MAC of the pod end.</param>
/// <param name="Mtu">MTU of both ends, in bytes.</param>
/// <param name="Addresses">Addresses of the pod end.</param>
/// <param name="Routes">Routes of the pod.</param>
public sealed record Attachment(
    string HostInterface,
    string HostMac,
    string IfName,
    string Mac,
    int Mtu,
    IReadOnlyList<PodAddress> Addresses,
    IReadOnlyList<PodRoute> Routes
);
