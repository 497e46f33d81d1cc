using Weft.Net;
using Weft.Services.Backends;

namespace Weft.Services.Frontends;

/// <summary>What becomes of a new connection, and why.</summary>
/// <param name="Action">What.</param>
/// <param name="Reason">In one sentence.</param>
/// <param name="Frontend">Where it went; null for an address that no Service has.</param>
/// <param name="Backends">Whom it may go to; empty unless forwarded.</param>
/// <param name="Masquerade">Whether its source becomes the node's, whichever backend is chosen.</param>
public sealed record ServiceVerdict(
    ServiceAction Action,
    string Reason,
    Frontend? Frontend,
    ValueList<Backend> Backends,
    bool Masquerade
)
{
    /// <summary>
    /// Whether a client's source is replaced when it is sent to this backend: its own reply would not come back through
    /// here either, if it is the backend itself.
    /// </summary>
    public bool Masquerades(Ip client, Backend backend) => Masquerade || client == backend.Key.Address;
}
