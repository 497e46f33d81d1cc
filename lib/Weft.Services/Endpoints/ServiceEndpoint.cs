using Weft.Kubernetes.Objects;
using Weft.Net;

namespace Weft.Services.Endpoints;

/// <summary>An endpoint of a slice, as read.</summary>
/// <param name="Address">Its first address, the only one that counts.</param>
/// <param name="Ready">To be used; with <c>publishNotReadyAddresses</c> the slice says so of all.</param>
/// <param name="Serving">Passes its readiness checks, whether it ends or not.</param>
/// <param name="Terminating">Is about to end.</param>
/// <param name="NodeName">Its node.</param>
/// <param name="ZoneHints">Zones that should use it; none is no hint.</param>
/// <param name="NodeHints">Nodes that should use it; none is no hint.</param>
/// <param name="Pod">Its pod.</param>
internal sealed record ServiceEndpoint(
    Ip Address,
    bool Ready,
    bool Serving,
    bool Terminating,
    string? NodeName,
    ValueList<string> ZoneHints,
    ValueList<string> NodeHints,
    ObjectKey? Pod
)
{
    /// <summary>Does its work although it ends: what is taken when nobody is ready.</summary>
    public bool IsFallback => Serving && Terminating;

    /// <summary>
    /// Whether to believe this rather than another with the same address: an address may be a new pod's already while
    /// the old one's endpoint still terminates, and one endpoint is in two slices while it moves.
    /// </summary>
    public bool IsBetterThan(ServiceEndpoint other) =>
        Terminating != other.Terminating ? other.Terminating : Ready && !other.Ready;
}

/// <summary>A port of a slice.</summary>
/// <param name="Name">Name of the Service's port.</param>
/// <param name="Protocol">Its protocol.</param>
/// <param name="Number">The port of the slice's endpoints.</param>
internal readonly record struct SlicePort(string Name, Transport Protocol, ushort Number);
