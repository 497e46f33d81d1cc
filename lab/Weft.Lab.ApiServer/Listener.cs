using System.Net;
using System.Net.Sockets;

namespace Weft.Lab.ApiServer;

/// <summary>
/// Somewhere the server listens. The socket is bound by whoever starts the server, which may do so inside of another
/// network namespace. It stays open when the server ends: Kestrel closes no handle that it was given.
/// </summary>
/// <param name="Socket">Bound, not yet listening.</param>
/// <param name="Kubeconfig">The file in the server's directory that leads clients here.</param>
public sealed record Listener(Socket Socket, string Kubeconfig)
{
    /// <summary>Where clients reach it.</summary>
    public IPEndPoint Address { get; } = (IPEndPoint)Socket.LocalEndPoint!;
}
