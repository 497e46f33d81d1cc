using System.Runtime.InteropServices;
using Weft.Net;

namespace Weft.Netlink.Protocol;

/// <summary>Interface addresses on the wire: linux/if_addr.h.</summary>
internal static class AddressMessage
{
    private const ushort IFA_ADDRESS = 1;
    private const ushort IFA_LOCAL = 2;
    private const ushort IFA_FLAGS = 8;
    private const uint IFA_F_NODAD = 0x2;
    private const uint IFA_F_NOPREFIXROUTE = 0x200;

    /// <summary>struct ifaddrmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct IfAddrMsg
    {
        public byte Family;
        public byte PrefixLength;
        public byte Flags;
        public byte Scope;
        public int Index;
    }

    public static void Add(MessageWriter writer, IfIndex link, Prefix address, bool noDad, bool noPrefixRoute)
    {
        Begin(writer, MessageType.RTM_NEWADDR, MessageFlags.Add, link, address);
        writer.Attribute(IFA_FLAGS, (noDad ? IFA_F_NODAD : 0) | (noPrefixRoute ? IFA_F_NOPREFIXROUTE : 0));
        writer.End();
    }

    public static void Delete(MessageWriter writer, IfIndex link, Prefix address)
    {
        Begin(writer, MessageType.RTM_DELADDR, MessageFlags.Change, link, address);
        writer.End();
    }

    public static void Dump(MessageWriter writer, IfIndex? link)
    {
        var body = new IfAddrMsg { Index = link?.Value ?? 0 };
        writer.Begin(MessageType.RTM_GETADDR, MessageFlags.Dump, body);
        writer.End();
    }

    public static InterfaceAddress? Read(ReadOnlySpan<byte> payload)
    {
        if (!Message.TryReadBody<IfAddrMsg>(payload, out var body, out var attributes) || !Family.IsIp(body.Family))
        {
            return null;
        }

        Ip? address = null;
        Ip? local = null;
        uint flags = body.Flags;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case IFA_ADDRESS:
                    address = attribute.Ip;
                    break;
                case IFA_LOCAL:
                    local = attribute.Ip;
                    break;
                case IFA_FLAGS:
                    flags = attribute.UInt;
                    break;
            }
        }

        // On a point-to-point link IFA_ADDRESS is the other side's.
        if ((local ?? address) is not { } own || Family.ToPrefix(own, body.PrefixLength) is not { } prefix)
        {
            return null;
        }

        return new InterfaceAddress
        {
            Link = new IfIndex(body.Index),
            Address = prefix,
            Scope = (RouteScope)body.Scope,
            Flags = flags,
        };
    }

    private static void Begin(MessageWriter writer, ushort type, ushort flags, IfIndex link, Prefix address)
    {
        var body = new IfAddrMsg
        {
            Family = Family.Of(address.Address),
            PrefixLength = (byte)address.Length,
            Scope = (byte)(address.Address.IsLoopback ? RouteScope.Host : RouteScope.Universe),
            Index = link.Value,
        };
        writer.Begin(type, flags, body);
        writer.Attribute(IFA_LOCAL, address.Address);
        writer.Attribute(IFA_ADDRESS, address.Address);
    }
}
