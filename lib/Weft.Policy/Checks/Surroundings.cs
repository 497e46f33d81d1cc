using Weft.Kubernetes.Objects;
using Weft.Policy.Identities;
using Weft.Policy.Peers;

namespace Weft.Policy.Checks;

/// <summary>A pod, or the template of some, that policies may select.</summary>
/// <param name="Name">"Deployment web", for messages.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Ports">Names and protocols of its ports.</param>
/// <param name="HostNetwork">On its node's network, where no policy reaches it.</param>
public sealed record SelectablePod(
    string Name,
    string Namespace,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyList<PortName> Ports,
    bool HostNetwork
)
{
    /// <summary>A pod, or a template in the form of one.</summary>
    public static SelectablePod Of(Pod pod, string name, string ns) =>
        new(
            name,
            ns,
            pod.Metadata.Labels ?? new Dictionary<string, string>(),
            [.. NamedPorts.Of(pod).Select(port => new PortName(port.Name, port.Protocol))],
            pod.Spec?.HostNetwork == true
        );
}

/// <summary>The pods and namespaces that policies are to meet. With no pods, nothing can be said of who is selected.</summary>
/// <param name="Pods">All of them.</param>
/// <param name="Namespaces">Labels by name; of a namespace that is not there, nothing but its name is known.</param>
public sealed record Surroundings(
    IReadOnlyList<SelectablePod> Pods,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Namespaces
)
{
    /// <summary>False only when the selector certainly does not match the namespace.</summary>
    public bool MayMatch(LabelSelector selector, string ns)
    {
        var known = Namespaces.TryGetValue(ns, out var labels);
        return (!known && SelectorKeys.Of(selector).Any(key => key != PolicyIdentity.NamespaceNameLabel))
            || selector.Matches(
                new Dictionary<string, string>(labels ?? new Dictionary<string, string>())
                {
                    [PolicyIdentity.NamespaceNameLabel] = ns,
                }
            );
    }
}
