using System.Runtime.InteropServices;

namespace Weft.Netlink.Protocol;

/// <summary>Links on the wire: linux/if_link.h. Making them is in <see cref="NewLinkMessage"/>.</summary>
internal static class LinkMessage
{
    public const ushort IFLA_ADDRESS = 1;
    public const ushort IFLA_IFNAME = 3;
    public const ushort IFLA_MTU = 4;
    public const ushort IFLA_LINK = 5;
    public const ushort IFLA_MASTER = 10;
    public const ushort IFLA_OPERSTATE = 16;
    public const ushort IFLA_LINKINFO = 18;
    public const ushort IFLA_IFALIAS = 20;
    public const ushort IFLA_AF_SPEC = 26;
    public const ushort IFLA_NET_NS_FD = 28;
    public const ushort IFLA_EXT_MASK = 29;
    public const ushort IFLA_INET6_ADDR_GEN_MODE = 8;
    public const ushort IFLA_INFO_KIND = 1;
    public const ushort IFLA_INFO_DATA = 2;
    public const ushort IFLA_VXLAN_ID = 1;
    public const ushort IFLA_VXLAN_PORT = 15;
    public const ushort IFLA_VXLAN_COLLECT_METADATA = 25;
    public const byte IF_OPER_UP = 6;

    private const uint RTEXT_FILTER_SKIP_STATS = 8;
    private const byte IN6_ADDR_GEN_MODE_EUI64 = 0;
    private const byte IN6_ADDR_GEN_MODE_NONE = 1;
    private const string VxlanKind = "vxlan";

    /// <summary>struct ifinfomsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IfInfoMsg
    {
        public byte Family;
        public byte Padding;
        public ushort Type;
        public int Index;
        public uint Flags;
        public uint Change;
    }

    public static void Get(MessageWriter writer, string name)
    {
        writer.Begin(MessageType.RTM_GETLINK, MessageFlags.Get, default(IfInfoMsg));
        writer.Attribute(IFLA_IFNAME, name);
        EndGet(writer);
    }

    public static void Get(MessageWriter writer, IfIndex index)
    {
        writer.Begin(MessageType.RTM_GETLINK, MessageFlags.Get, new IfInfoMsg { Index = index.Value });
        EndGet(writer);
    }

    public static void Dump(MessageWriter writer)
    {
        writer.Begin(MessageType.RTM_GETLINK, MessageFlags.Dump, default(IfInfoMsg));
        EndGet(writer);
    }

    /// <summary>Changes the link with the index, or else the name.</summary>
    public static void Set(MessageWriter writer, IfIndex index, string? name, LinkChange change)
    {
        var body = new IfInfoMsg { Index = index.Value };
        SetFlag(ref body, LinkFlags.Up, change.Up);
        SetFlag(ref body, LinkFlags.NoArp, !change.Arp);
        writer.Begin(MessageType.RTM_SETLINK, MessageFlags.Change, body);

        // With an index the name is the new one; without, it says which link.
        if ((name ?? change.Name) is { } text)
        {
            writer.Attribute(IFLA_IFNAME, text);
        }

        WriteCommon(writer, change.Mac, change.Mtu, change.Namespace);
        if (change.Master is { } master)
        {
            writer.Attribute(IFLA_MASTER, master.Value);
        }

        if (change.Alias is { } alias)
        {
            writer.Attribute(IFLA_IFALIAS, alias);
        }

        // A kernel without IPv6 makes none, and refuses to be asked.
        if (change.NoLinkLocal is { } noLinkLocal && KernelIPv6.IsThere)
        {
            var families = writer.BeginNested(IFLA_AF_SPEC);
            var inet6 = writer.BeginNested(Family.AF_INET6);
            writer.Attribute(IFLA_INET6_ADDR_GEN_MODE, noLinkLocal ? IN6_ADDR_GEN_MODE_NONE : IN6_ADDR_GEN_MODE_EUI64);
            writer.EndNested(inet6);
            writer.EndNested(families);
        }

        writer.End();
    }

    /// <summary>Removes the link with the index, or else the name.</summary>
    public static void Delete(MessageWriter writer, IfIndex index, string? name)
    {
        writer.Begin(MessageType.RTM_DELLINK, MessageFlags.Change, new IfInfoMsg { Index = index.Value });
        if (name is not null)
        {
            writer.Attribute(IFLA_IFNAME, name);
        }

        writer.End();
    }

    public static void WriteCommon(MessageWriter writer, Net.MacAddress? mac, int? mtu, NetworkNamespace? target)
    {
        if (mac is { } address)
        {
            writer.Attribute(IFLA_ADDRESS, address);
        }

        if (mtu is { } bytes)
        {
            writer.Attribute(IFLA_MTU, bytes);
        }

        if (target is not null)
        {
            writer.Attribute(IFLA_NET_NS_FD, (int)target.Handle.DangerousGetHandle());
        }
    }

    /// <summary>Null for what other families say of a link, such as a bridge of its ports.</summary>
    public static Link? Read(ReadOnlySpan<byte> payload)
    {
        if (
            !Message.TryReadBody<IfInfoMsg>(payload, out var body, out var attributes)
            || body.Family != Family.AF_UNSPEC
        )
        {
            return null;
        }

        var link = new Link
        {
            Index = new IfIndex(body.Index),
            Name = "",
            Flags = (LinkFlags)body.Flags,
        };
        foreach (var attribute in attributes)
        {
            link = attribute.Type switch
            {
                IFLA_IFNAME => link with { Name = attribute.Text },
                IFLA_ADDRESS => link with { Mac = attribute.Mac ?? default },
                IFLA_MTU => link with { Mtu = attribute.Int },
                IFLA_MASTER => link with { Master = new IfIndex(attribute.Int) },
                IFLA_LINK => link with { Peer = new IfIndex(attribute.Int) },
                IFLA_IFALIAS => link with { Alias = attribute.Text },
                IFLA_OPERSTATE => link with { IsOperational = attribute.Byte == IF_OPER_UP },
                IFLA_LINKINFO => ReadInfo(link, attribute.Nested),
                _ => link,
            };
        }

        return link;
    }

    private static Link ReadInfo(Link link, Attributes info)
    {
        foreach (var attribute in info)
        {
            link = attribute.Type switch
            {
                IFLA_INFO_KIND => link with { Kind = attribute.Text },
                IFLA_INFO_DATA when link.Kind == VxlanKind => link with { Vxlan = ReadVxlan(attribute.Nested) },
                _ => link,
            };
        }

        return link;
    }

    private static VxlanInfo ReadVxlan(Attributes data)
    {
        var vxlan = new VxlanInfo(0, false, 0);
        foreach (var attribute in data)
        {
            vxlan = attribute.Type switch
            {
                IFLA_VXLAN_ID => vxlan with { Vni = attribute.UInt },
                IFLA_VXLAN_PORT => vxlan with { Port = attribute.UShortBigEndian },
                IFLA_VXLAN_COLLECT_METADATA => vxlan with { CollectMetadata = attribute.Byte != 0 },
                _ => vxlan,
            };
        }

        return vxlan;
    }

    private static void EndGet(MessageWriter writer)
    {
        writer.Attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
        writer.End();
    }

    private static void SetFlag(ref IfInfoMsg body, LinkFlags flag, bool? value)
    {
        if (value is { } on)
        {
            body.Change |= (uint)flag;
            body.Flags |= on ? (uint)flag : 0;
        }
    }
}
