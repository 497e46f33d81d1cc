using Weft.Kubernetes.Objects;

namespace Weft.Services.Backends;

/// <summary>An endpoint that new connections may go to.</summary>
/// <param name="Number">The same for as long as some Service has the endpoint, ready or not.</param>
/// <param name="Key">Address, port and protocol.</param>
/// <param name="IsLocal">Whether it is on this node.</param>
/// <param name="IsTerminating">Whether it is about to end: used for want of a better one, or by the Service's wish.</param>
/// <param name="NodeName">Its node, as far as the slice says.</param>
/// <param name="Pod">Its pod, as far as the slice says.</param>
public sealed record Backend(
    uint Number,
    TransportAddress Key,
    bool IsLocal,
    bool IsTerminating,
    string? NodeName,
    ObjectKey? Pod
);
