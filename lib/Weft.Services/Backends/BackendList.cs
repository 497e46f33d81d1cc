namespace Weft.Services.Backends;

/// <summary>Which of a port's endpoints are in a list.</summary>
public enum TrafficPolicy : byte
{
    /// <summary>Those of the whole cluster, or those that topology hints give to this node.</summary>
    Cluster,

    /// <summary>Those on this node.</summary>
    Local,
}

/// <summary>A list's identity: it stays while its content changes.</summary>
/// <param name="Number">The number of the Service's port, see <see cref="Frontends.Frontend.Number"/>.</param>
/// <param name="Policy">Which endpoints.</param>
public readonly record struct BackendListKey(uint Number, TrafficPolicy Policy);

/// <summary>Backends that frontends share.</summary>
/// <param name="Key">Whose.</param>
/// <param name="Backends">By address and port, the same on every node as far as the endpoints are.</param>
/// <param name="Staying">
/// Further endpoints that serve: nothing new goes there, and what is there may stay. Of UDP alone, see
/// <see cref="UdpFlows"/>.
/// </param>
public sealed record BackendList(BackendListKey Key, ValueList<Backend> Backends, ValueList<TransportAddress> Staying);
