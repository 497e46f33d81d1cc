using System.Runtime.InteropServices;
using Weft.Net;

namespace Weft.Netlink.Protocol;

/// <summary>Routes on the wire: struct rtmsg and the RTA_ attributes of linux/rtnetlink.h.</summary>
internal static class RouteMessage
{
    private const ushort RTA_DST = 1;
    private const ushort RTA_OIF = 4;
    private const ushort RTA_GATEWAY = 5;
    private const ushort RTA_PRIORITY = 6;
    private const ushort RTA_PREFSRC = 7;
    private const ushort RTA_METRICS = 8;
    private const ushort RTA_TABLE = 15;
    private const ushort RTA_VIA = 18;
    private const ushort RTAX_MTU = 2;
    private const uint RTM_F_CLONED = 0x200;
    private const uint RTNH_F_ONLINK = 4;
    private const byte RTPROT_UNSPEC = 0;
    private const int ViaFamilySize = 2;

    /// <summary>struct rtmsg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct RtMsg
    {
        public byte Family;
        public byte DestinationLength;
        public byte SourceLength;
        public byte Tos;
        public byte Table;
        public byte Protocol;
        public byte Scope;
        public byte Type;
        public uint Flags;
    }

    public static void Add(MessageWriter writer, Route route, ushort flags) =>
        Write(writer, MessageType.RTM_NEWROUTE, flags, route, route.Scope ?? UsualScope(route), route.Protocol);

    public static void Delete(MessageWriter writer, Route route) =>
        Write(
            writer,
            MessageType.RTM_DELROUTE,
            MessageFlags.Change,
            route,
            // Nowhere and RTPROT_UNSPEC match any.
            route.Scope
                ?? RouteScope.Nowhere,
            RTPROT_UNSPEC
        );

    public static void Dump(MessageWriter writer, int? table)
    {
        writer.Begin(MessageType.RTM_GETROUTE, MessageFlags.Dump, default(RtMsg));
        if (table is { } number)
        {
            writer.Attribute(RTA_TABLE, number);
        }

        writer.End();
    }

    /// <summary>Null for other families, and for what the kernel derived from a route for one destination.</summary>
    public static Route? Read(ReadOnlySpan<byte> payload)
    {
        if (
            !Message.TryReadBody<RtMsg>(payload, out var body, out var attributes)
            || !Family.IsIp(body.Family)
            || (body.Flags & RTM_F_CLONED) != 0
            || Family.ToPrefix(Family.Any(body.Family), body.DestinationLength) is not { } destination
        )
        {
            return null;
        }

        var route = new Route
        {
            Destination = destination,
            Table = body.Table,
            Protocol = body.Protocol,
            Scope = (RouteScope)body.Scope,
            Type = (RouteType)body.Type,
            OnLink = (body.Flags & RTNH_F_ONLINK) != 0,
        };
        foreach (var attribute in attributes)
        {
            route = attribute.Type switch
            {
                RTA_DST when attribute.Ip is { } address => route with
                {
                    Destination = Family.ToPrefix(address, body.DestinationLength) ?? destination,
                },
                RTA_GATEWAY => route with { Gateway = attribute.Ip },
                RTA_VIA when attribute.Value.Length > ViaFamilySize => route with
                {
                    Gateway = new Attribute(0, attribute.Value[ViaFamilySize..]).Ip,
                },
                RTA_OIF => route with { Link = new IfIndex(attribute.Int) },
                RTA_PREFSRC => route with { PreferredSource = attribute.Ip },
                RTA_PRIORITY => route with { Metric = attribute.Int },
                RTA_TABLE => route with { Table = attribute.Int },
                RTA_METRICS => route with { Mtu = ReadMtu(attribute.Nested) },
                _ => route,
            };
        }

        return route;
    }

    private static void Write(
        MessageWriter writer,
        ushort type,
        ushort flags,
        Route route,
        RouteScope scope,
        byte protocol
    )
    {
        var destination = route.Destination.Network;
        var body = new RtMsg
        {
            Family = Family.Of(destination.Address),
            DestinationLength = (byte)destination.Length,
            Protocol = protocol,
            Scope = (byte)scope,
            Type = (byte)route.Type,
            Flags = route.OnLink ? RTNH_F_ONLINK : 0,
        };
        writer.Begin(type, flags, body);
        writer.Attribute(RTA_TABLE, route.Table);
        if (destination.Length > 0)
        {
            writer.Attribute(RTA_DST, destination.Address);
        }

        if (route.Gateway is { } gateway)
        {
            WriteGateway(writer, gateway, sameFamily: gateway.IsV4 == destination.IsV4);
        }

        if (route.Link is { } link)
        {
            writer.Attribute(RTA_OIF, link.Value);
        }

        if (route.PreferredSource is { } source)
        {
            writer.Attribute(RTA_PREFSRC, source);
        }

        if (route.Metric is { } metric)
        {
            writer.Attribute(RTA_PRIORITY, metric);
        }

        if (route.Mtu is { } mtu)
        {
            var metrics = writer.BeginNested(RTA_METRICS);
            writer.Attribute(RTAX_MTU, mtu);
            writer.EndNested(metrics);
        }

        writer.End();
    }

    private static void WriteGateway(MessageWriter writer, Ip gateway, bool sameFamily)
    {
        if (sameFamily)
        {
            writer.Attribute(RTA_GATEWAY, gateway);
            return;
        }

        // struct rtvia: the family, then the address.
        Span<byte> via = stackalloc byte[ViaFamilySize + (gateway.Bits / 8)];
        MemoryMarshal.Write(via, (ushort)Family.Of(gateway));
        MessageWriter.WriteAddress(gateway, via[ViaFamilySize..]);
        writer.Attribute(RTA_VIA, via);
    }

    private static RouteScope UsualScope(Route route) =>
        route switch
        {
            { Destination.IsV4: false } => RouteScope.Universe,
            { Type: RouteType.Local } => RouteScope.Host,
            { Type: RouteType.Unicast or RouteType.Broadcast, Gateway: null } => RouteScope.Link,
            _ => RouteScope.Universe,
        };

    private static int? ReadMtu(Attributes metrics)
    {
        foreach (var attribute in metrics)
        {
            if (attribute.Type == RTAX_MTU)
            {
                return attribute.Int;
            }
        }

        return null;
    }
}
