using Weft.Kubernetes.Objects;

namespace Weft.Resources;

/// <summary>
/// A number for all pods that no network policy can tell apart. Its name follows from its content, which never changes.
/// </summary>
public sealed record WeftIdentity : KubernetesObject
{
    /// <summary>The number and what it stands for.</summary>
    public required WeftIdentitySpec Spec { get; init; }
}

/// <summary>A number and what it stands for. Absent lists and maps are empty ones.</summary>
public sealed record WeftIdentitySpec
{
    /// <summary>The first number that is given; those below mean what is not a pod of Weft's.</summary>
    public const uint FirstId = 256;

    /// <summary>The last number: 24 bits.</summary>
    public const uint LastId = (1 << 24) - 1;

    /// <summary>Most keys of each kind that an identity names.</summary>
    public const int MostKeys = 1024;

    /// <summary>The number packets carry: 24 bits, as a VXLAN header has room for; below 256 are reserved.</summary>
    public required uint Id { get; init; }

    /// <summary>The pods' namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The pods' labels, of those keys that policies name.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Keys that policies name and the pods do not have, in order.</summary>
    public IReadOnlyList<string>? AbsentLabels { get; init; }

    /// <summary>The namespace's labels, of those keys that policies name.</summary>
    public IReadOnlyDictionary<string, string>? NamespaceLabels { get; init; }

    /// <summary>Keys that policies name and the namespace does not have, in order.</summary>
    public IReadOnlyList<string>? AbsentNamespaceLabels { get; init; }

    /// <summary>The pods' ports, of those names that policies use, in order.</summary>
    public IReadOnlyList<WeftIdentityPort>? Ports { get; init; }

    /// <summary>Names, each with its protocol as in "http/TCP", that policies use and the pods do not have, in order.</summary>
    public IReadOnlyList<string>? AbsentPorts { get; init; }
}

/// <summary>A number behind a port name; containers of one pod may use a name for several.</summary>
public sealed record WeftIdentityPort
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>"TCP", "UDP" or "SCTP".</summary>
    public required string Protocol { get; init; }

    /// <summary>The number, 1 to 65535.</summary>
    public required int Port { get; init; }
}
