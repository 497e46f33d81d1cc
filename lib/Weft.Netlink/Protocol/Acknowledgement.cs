using System.Runtime.InteropServices;

namespace Weft.Netlink.Protocol;

/// <summary>The outcome of one request (struct nlmsgerr) or of a dump (NLMSG_DONE): 0 for success.</summary>
internal readonly record struct Acknowledgement(int Errno, string? KernelMessage)
{
    private const int ErrorSize = 4;
    private const int RequestHeaderSize = 16;
    private const ushort NLMSGERR_ATTR_MSG = 1;

    public static Acknowledgement Read(Message message)
    {
        var payload = message.Payload;
        var errno = MemoryMarshal.TryRead<int>(payload, out var error) ? -error : Protocol.Errno.EPROTO;
        return new Acknowledgement(
            errno,
            (message.Flags & MessageFlags.NLM_F_ACK_TLVS) != 0 ? KernelText(message) : null
        );
    }

    private static string? KernelText(Message message)
    {
        if (message.Payload.Length < ErrorSize)
        {
            return null;
        }

        var rest = message.Payload[ErrorSize..];
        var echoed = EchoedSize(message, rest);
        if (echoed < 0 || echoed > rest.Length)
        {
            return null;
        }

        foreach (var attribute in new Attributes(rest[Math.Min(MessageWriter.Align(echoed), rest.Length)..]))
        {
            if (attribute.Type == NLMSGERR_ATTR_MSG)
            {
                return attribute.Text;
            }
        }

        return null;
    }

    // An error repeats the request in front of the attributes: only its header if capped, else all of it.
    private static int EchoedSize(Message message, ReadOnlySpan<byte> rest) =>
        message.Type switch
        {
            MessageType.NLMSG_DONE => 0,
            _ when (message.Flags & MessageFlags.NLM_F_CAPPED) != 0 => RequestHeaderSize,
            _ => MemoryMarshal.TryRead<int>(rest, out var length) ? length : 0,
        };
}
