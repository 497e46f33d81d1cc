using System.Text;

namespace Weft.Probe;

/// <summary>A question that every cluster's DNS can answer (RFC 1035): the address of the Service kubernetes.</summary>
internal static class DnsQuery
{
    private const int HeaderBytes = 12;
    private const byte Response = 0x80;
    private const ushort Id = 0x7765;

    /// <summary>One question for an address of IPv4, recursion desired.</summary>
    public static byte[] Bytes { get; } =
    [
        Id >> 8,
        Id & 0xff,
        1,
        0,
        0,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        .. "kubernetes.default.svc.cluster.local".Split('.').SelectMany(Label),
        0,
        0,
        1,
        0,
        1,
    ];

    /// <summary>Null for an answer, whatever it says: that the name is unknown in this cluster is one too.</summary>
    public static string? Problem(ReadOnlySpan<byte> answer) =>
        answer.Length >= HeaderBytes && answer[0] == Id >> 8 && answer[1] == (Id & 0xff) && (answer[2] & Response) != 0
            ? null
            : "not a DNS answer";

    private static byte[] Label(string label) => [(byte)label.Length, .. Encoding.ASCII.GetBytes(label)];
}
