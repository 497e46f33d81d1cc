namespace Weft.Net;

/// <summary>What a port of a Kubernetes object can name, by IANA protocol number.</summary>
public enum Transport : byte
{
    /// <summary>Every protocol, those that no port can name (ICMP) among them.</summary>
    Any = 0,

    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>SCTP.</summary>
    Sctp = 132,
}

/// <summary>The protocols of Kubernetes objects.</summary>
public static class Transports
{
    /// <summary>Reads an object's <c>protocol</c>; absent is TCP. Null for one that Kubernetes does not have.</summary>
    public static Transport? Parse(string? protocol) =>
        protocol switch
        {
            null or "TCP" => Transport.Tcp,
            "UDP" => Transport.Udp,
            "SCTP" => Transport.Sctp,
            _ => null,
        };
}
