namespace Weft.Services.Frontends;

/// <summary>What becomes of a new connection to a frontend.</summary>
public enum ServiceAction : byte
{
    /// <summary>It goes to a backend.</summary>
    Forward = 1,

    /// <summary>It is refused: TCP RST, or ICMP port unreachable. The Service has no endpoint anywhere.</summary>
    Reject,

    /// <summary>It gets no answer: the Service has endpoints, but not for this client through this node.</summary>
    Drop,
}
