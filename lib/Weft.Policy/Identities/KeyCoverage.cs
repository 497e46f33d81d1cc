using Weft.Resources;

namespace Weft.Policy.Identities;

/// <summary>
/// Whether an identity can answer for a key. It was made for the keys that policies named at the time; of any other it
/// says nothing, and must not be taken for pods that lack it.
/// </summary>
public static class KeyCoverage
{
    /// <summary>True when the identity was made for all of these keys and names of ports.</summary>
    public static bool Covers(this WeftIdentitySpec identity, PodKeys keys) =>
        Covers(identity.Labels, identity.AbsentLabels, keys.Labels)
        && Covers(identity.NamespaceLabels, identity.AbsentNamespaceLabels, keys.NamespaceLabels)
        && keys.Ports.All(name =>
            identity.Ports?.Any(port => port.Name == name.Name && port.Protocol == name.Protocol) == true
            || identity.AbsentPorts?.Contains(name.ToString()) == true
        );

    private static bool Covers(
        IReadOnlyDictionary<string, string>? present,
        IReadOnlyList<string>? absent,
        IReadOnlyList<string> keys
    ) => keys.All(key => present?.ContainsKey(key) == true || absent?.Contains(key) == true);
}
