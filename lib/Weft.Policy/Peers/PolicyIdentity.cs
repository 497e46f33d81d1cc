using Weft.Net;
using Weft.Policy.Rules;
using Weft.Resources;

namespace Weft.Policy.Peers;

/// <summary>A port that a pod names.</summary>
public readonly record struct PodPort(string Name, Transport Protocol, ushort Number);

/// <summary>
/// All that a policy can see of a pod. Pods that are alike in it share an identity.
/// </summary>
/// <param name="Id">The identity's number.</param>
/// <param name="Namespace">The pods' namespace.</param>
/// <param name="Labels">Their labels, at least those whose keys policies name.</param>
/// <param name="NamespaceLabels">Their namespace's, likewise; <c>kubernetes.io/metadata.name</c> may be left out.</param>
/// <param name="Ports">Their named ports, at least those whose names policies use.</param>
public sealed record PolicyIdentity(
    uint Id,
    string Namespace,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> NamespaceLabels,
    IReadOnlyList<PodPort> Ports
)
{
    /// <summary>Set on every namespace by the API server and not to be changed (KEP-2161).</summary>
    public const string NamespaceNameLabel = "kubernetes.io/metadata.name";

    /// <summary>With <see cref="NamespaceNameLabel"/>, whether or not it was handed in.</summary>
    public IReadOnlyDictionary<string, string> NamespaceLabels { get; } =
        new Dictionary<string, string>(NamespaceLabels) { [NamespaceNameLabel] = Namespace };

    /// <summary>What a WeftIdentity stands for. A port of a protocol that policies have no name for is left out.</summary>
    public static PolicyIdentity Of(WeftIdentitySpec spec) =>
        new(
            spec.Id,
            spec.Namespace,
            spec.Labels ?? new Dictionary<string, string>(),
            spec.NamespaceLabels ?? new Dictionary<string, string>(),
            [
                .. (spec.Ports ?? [])
                    .Where(port => Transports.Parse(port.Protocol) is not null)
                    .Select(port => new PodPort(port.Name, Transports.Parse(port.Protocol)!.Value, (ushort)port.Port)),
            ]
        );

    /// <summary>The numbers behind a port name; several containers may use one name.</summary>
    public IEnumerable<ushort> Resolve(NamedPort port) =>
        Ports.Where(own => own.Protocol == port.Protocol && own.Name == port.Name).Select(own => own.Number);
}
