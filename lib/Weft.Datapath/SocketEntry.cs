using System.Runtime.InteropServices;
using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>enum socket_way.</summary>
public enum SocketWay : byte
{
    /// <summary>A UDP socket's Service: the backend it has there.</summary>
    ToService = 0,

    /// <summary>A socket's backend: the Service that it takes it for.</summary>
    FromBackend = 1,
}

/// <summary>struct socket_key: what a socket talks to.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct SocketKey
{
    /// <summary>The kernel's number for the socket (SO_COOKIE).</summary>
    public ulong Cookie;

    /// <summary>Address of the Service or backend.</summary>
    public MapAddress Address;

    /// <summary>Port, network order.</summary>
    public ushort PortNetwork;

    /// <summary>Which of the two.</summary>
    public SocketWay Way;

    private byte pad0;
    private uint pad1;

    internal static StructLayout<SocketKey> Layout =>
        new StructLayout<SocketKey>("socket_key")
            .Field("cookie", static (ref SocketKey v) => ref v.Cookie)
            .Field("address", static (ref SocketKey v) => ref v.Address)
            .Field("port", static (ref SocketKey v) => ref v.PortNetwork)
            .Field("way", static (ref SocketKey v) => ref v.Way);
}

/// <summary>struct socket_peer: what stands in its place.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct SocketPeer
{
    /// <summary>Backend or Service.</summary>
    public BackendValue Peer;

    /// <summary>The list of backends it was last seen in.</summary>
    public uint List;

    internal static StructLayout<SocketPeer> Layout =>
        new StructLayout<SocketPeer>("socket_peer")
            .Field("peer", static (ref SocketPeer v) => ref v.Peer)
            .Field("list", static (ref SocketPeer v) => ref v.List);
}

/// <summary>struct affinity_key: a client of a Service with affinity.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct AffinityKey
{
    /// <summary>Its address; of a socket, what stands for its network namespace.</summary>
    public MapAddress Client;

    /// <summary>Number of the Service's port.</summary>
    public uint Service;

    internal static StructLayout<AffinityKey> Layout =>
        new StructLayout<AffinityKey>("affinity_key")
            .Field("client", static (ref AffinityKey v) => ref v.Client)
            .Field("service", static (ref AffinityKey v) => ref v.Service);
}

/// <summary>struct affinity: the backend that a client keeps.</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct AffinityValue
{
    /// <summary>Last use, by CLOCK_MONOTONIC.</summary>
    public ulong UsedNs;

    /// <summary>The list the backend was last seen in.</summary>
    public uint List;

    /// <summary>The backend.</summary>
    public BackendValue Backend;

    internal static StructLayout<AffinityValue> Layout =>
        new StructLayout<AffinityValue>("affinity")
            .Field("used_ns", static (ref AffinityValue v) => ref v.UsedNs)
            .Field("list", static (ref AffinityValue v) => ref v.List)
            .Field("backend", static (ref AffinityValue v) => ref v.Backend);
}
