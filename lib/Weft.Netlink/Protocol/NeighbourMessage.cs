using System.Runtime.InteropServices;
using Weft.Net;

namespace Weft.Netlink.Protocol;

/// <summary>Neighbours on the wire: linux/neighbour.h.</summary>
internal static class NeighbourMessage
{
    private const ushort NDA_DST = 1;
    private const ushort NDA_LLADDR = 2;
    private const ushort NDA_IFINDEX = 8;
    private const ushort NUD_NOARP = 0x40;
    private const ushort NUD_PERMANENT = 0x80;

    /// <summary>struct ndmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct NdMsg
    {
        public byte Family;
        public byte Padding1;
        public ushort Padding2;
        public int Index;
        public ushort State;
        public byte Flags;
        public byte Type;
    }

    public static void Add(MessageWriter writer, Neighbour neighbour, ushort flags)
    {
        Begin(writer, MessageType.RTM_NEWNEIGH, flags, neighbour);
        writer.Attribute(NDA_LLADDR, neighbour.Mac);
        writer.End();
    }

    public static void Delete(MessageWriter writer, Neighbour neighbour)
    {
        Begin(writer, MessageType.RTM_DELNEIGH, MessageFlags.Change, neighbour);
        writer.End();
    }

    public static void Dump(MessageWriter writer, IfIndex? link)
    {
        writer.Begin(MessageType.RTM_GETNEIGH, MessageFlags.Dump, default(NdMsg));
        if (link is { } index)
        {
            writer.Attribute(NDA_IFINDEX, index.Value);
        }

        writer.End();
    }

    /// <summary>Null for what is not resolved, and for multicast, which needs no resolution (NUD_NOARP).</summary>
    public static Neighbour? Read(ReadOnlySpan<byte> payload)
    {
        if (
            !Message.TryReadBody<NdMsg>(payload, out var body, out var attributes)
            || !Family.IsIp(body.Family)
            || (body.State & NUD_NOARP) != 0
        )
        {
            return null;
        }

        Ip? address = null;
        MacAddress? mac = null;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case NDA_DST:
                    address = attribute.Ip;
                    break;
                case NDA_LLADDR:
                    mac = attribute.Mac;
                    break;
            }
        }

        return address is { } ip && mac is { } ethernet
            ? new Neighbour
            {
                Link = new IfIndex(body.Index),
                Address = ip,
                Mac = ethernet,
                IsPermanent = (body.State & NUD_PERMANENT) != 0,
            }
            : null;
    }

    private static void Begin(MessageWriter writer, ushort type, ushort flags, Neighbour neighbour)
    {
        var body = new NdMsg
        {
            Family = Family.Of(neighbour.Address),
            Index = neighbour.Link.Value,
            State = NUD_PERMANENT,
        };
        writer.Begin(type, flags, body);
        writer.Attribute(NDA_DST, neighbour.Address);
    }
}
