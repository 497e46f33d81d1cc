using System.Globalization;
using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Services.HostPorts;

/// <summary>A port of the node that leads to a container's (core/v1 ContainerPort <c>hostPort</c>).</summary>
/// <param name="Address">
/// <c>hostIP</c>: an address of the node, or one of loopback, which the node's own sockets alone can use. The unspecified
/// address stands for all of its family, and null for all of both.
/// </param>
/// <param name="Port"><c>hostPort</c>.</param>
/// <param name="Protocol">Protocol of both ports.</param>
/// <param name="ContainerPort"><c>containerPort</c>.</param>
/// <param name="Pod">The pod's addresses.</param>
public sealed record HostPort(Ip? Address, ushort Port, Transport Protocol, ushort ContainerPort, ValueList<Ip> Pod)
{
    private const string Prefix = "pod/";
    private static readonly Ip loopbackV4 = Ip.Parse("127.0.0.1");
    private static readonly Ip loopbackV6 = Ip.Parse("::1");

    /// <summary>What stands for a pod where a Service is named: no Service has such a name.</summary>
    public static ObjectKey OwnerOf(ObjectKey pod) => pod with { Name = Prefix + pod.Name };

    /// <summary>The pod, if an owner is one; null for a Service.</summary>
    public static ObjectKey? PodOf(ObjectKey owner) =>
        owner.Name.StartsWith(Prefix, StringComparison.Ordinal)
            ? owner with
            {
                Name = owner.Name[Prefix.Length..],
            }
            : null;

    /// <summary>"80", or "192.0.2.1:80".</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(Address is { } ip ? ip.IsV4 ? $"{ip}:" : $"[{ip}]:" : "")}{Port}"
        );

    /// <summary>Addresses of the node that it is served on.</summary>
    internal IEnumerable<Ip> AddressesOn(LocalNode node) =>
        Address switch
        {
            { IsLoopback: true } loopback => [loopback],
            { } only when only != Ip.AnyV4 && only != Ip.AnyV6 => node.Addresses.Where(own => own == only),
            var all => node
                .Addresses.Append(loopbackV4)
                .Append(loopbackV6)
                .Where(own => all is not { } any || any.IsV4 == own.IsV4),
        };
}
