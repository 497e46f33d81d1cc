using System.Buffers.Binary;
using Weft.Net;

namespace Weft.Tests.Bpf;

/// <summary>
/// A packet in terms of what matters to the datapath, with every checksum right. <see cref="ToFrame"/> builds the
/// Ethernet frame; <see cref="Parse"/> reads one back and refuses it when a checksum is wrong.
/// </summary>
public sealed record Packet
{
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte Icmp6 = 58;
    public const byte Sctp = 132;
    public const byte Gre = 47;

    public const byte Fin = 1;
    public const byte Syn = 2;
    public const byte Rst = 4;
    public const byte Ack = 16;

    private const int EthernetBytes = 14;
    private const byte FragmentHeader = 44;

    public required Ip Source { get; init; }
    public required Ip Destination { get; init; }
    public byte Protocol { get; init; } = Udp;
    public ushort SourcePort { get; init; }
    public ushort DestinationPort { get; init; }
    public byte TcpFlags { get; init; }
    public byte IcmpType { get; init; }
    public byte IcmpCode { get; init; }
    public byte Ttl { get; init; } = 64;
    public byte[] Payload { get; init; } = [1, 2, 3, 4, 5, 6, 7, 8];
    public ushort? FragmentId { get; init; }
    public int FragmentOffset { get; init; }
    public bool MoreFragments { get; init; }
    public bool UdpWithoutChecksum { get; init; }

    /// <summary>Extension headers before the transport header, IPv6 only: their numbers.</summary>
    public byte[] Extensions { get; init; } = [];

    public MacAddress SourceMac { get; init; } = new(0x02_00_00_00_00_aa);
    public MacAddress DestinationMac { get; init; } = new(0x02_00_00_00_00_bb);

    private bool IsIcmp => Protocol is Icmp or Icmp6;

    /// <summary>An ICMP echo request or reply; its identifier is the port of the side that asked.</summary>
    public static Packet Echo(Ip source, Ip destination, ushort identifier, bool reply = false) =>
        new()
        {
            Source = source,
            Destination = destination,
            Protocol = source.IsV4 ? Icmp : Icmp6,
            IcmpType = source.IsV4 ? (byte)(reply ? 0 : 8) : (byte)(reply ? 129 : 128),
            SourcePort = identifier,
        };

    /// <summary>An ICMP error that quotes the first bytes of a packet.</summary>
    public static Packet Error(Ip source, Ip destination, byte type, byte code, Packet quoted, int quotedBytes = 64)
    {
        var whole = quoted.ToFrame()[EthernetBytes..];
        return new()
        {
            Source = source,
            Destination = destination,
            Protocol = source.IsV4 ? Icmp : Icmp6,
            IcmpType = type,
            IcmpCode = code,
            Payload = whole[..Math.Min(whole.Length, quotedBytes)],
        };
    }

    /// <summary>What the other side answers: addresses and ports turned around.</summary>
    public Packet Reply() =>
        this with
        {
            Source = Destination,
            Destination = Source,
            SourcePort = IsIcmp ? SourcePort : DestinationPort,
            DestinationPort = IsIcmp ? DestinationPort : SourcePort,
            IcmpType = IcmpType switch
            {
                8 => 0,
                128 => 129,
                var other => other,
            },
        };

    public byte[] ToFrame()
    {
        var network = Source.IsV4 ? V4() : V6();
        var frame = new byte[EthernetBytes + network.Length];
        DestinationMac.Write(frame);
        SourceMac.Write(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), (ushort)(Source.IsV4 ? 0x0800 : 0x86dd));
        network.CopyTo(frame, EthernetBytes);
        return frame;
    }

    /// <summary>Reads a frame that <see cref="ToFrame"/> could have made; its checksums must be right.</summary>
    public static Packet Parse(ReadOnlySpan<byte> frame)
    {
        var v4 = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) == 0x0800;
        var packet = ParseNetwork(frame[EthernetBytes..], v4, verify: true) with
        {
            DestinationMac = MacAddress.FromBytes(frame),
            SourceMac = MacAddress.FromBytes(frame[6..]),
        };
        return packet;
    }

    /// <summary>The packet that this ICMP error quotes; its network header's checksum must be right.</summary>
    public Packet Quoted() => ParseNetwork(Payload, Source.IsV4, verify: false);

    private static Packet ParseNetwork(ReadOnlySpan<byte> network, bool v4, bool verify)
    {
        var packet = v4 ? ParseV4(network, out var transport) : ParseV6(network, out transport);
        if (packet.FragmentOffset > 0)
        {
            return packet with { Payload = transport.ToArray() };
        }

        // A fragment's checksum covers bytes that are not here.
        return packet.ParseTransport(transport, verify && !packet.MoreFragments);
    }

    private static Packet ParseV4(ReadOnlySpan<byte> network, out ReadOnlySpan<byte> transport)
    {
        Assert.Equal(0, Checksum(network[..20]));
        var fragment = BinaryPrimitives.ReadUInt16BigEndian(network[6..]);
        var length = Math.Min(network.Length, (int)BinaryPrimitives.ReadUInt16BigEndian(network[2..]));
        transport = network[20..length];
        return new Packet
        {
            Source = Ip.FromBytes(network[12..16]),
            Destination = Ip.FromBytes(network[16..20]),
            Protocol = network[9],
            Ttl = network[8],
            FragmentId = (fragment & 0x3fff) != 0 ? BinaryPrimitives.ReadUInt16BigEndian(network[4..]) : null,
            FragmentOffset = (fragment & 0x1fff) * 8,
            MoreFragments = (fragment & 0x2000) != 0,
        };
    }

    private static Packet ParseV6(ReadOnlySpan<byte> network, out ReadOnlySpan<byte> transport)
    {
        var packet = new Packet
        {
            Source = Ip.FromBytes(network[8..24]),
            Destination = Ip.FromBytes(network[24..40]),
            Protocol = network[6],
            Ttl = network[7],
        };
        transport = network[40..];
        var extensions = new List<byte>();
        while (packet.Protocol is 0 or 43 or 60 or FragmentHeader)
        {
            if (packet.Protocol == FragmentHeader)
            {
                var fragment = BinaryPrimitives.ReadUInt16BigEndian(transport[2..]);
                packet = packet with
                {
                    FragmentId = (ushort)BinaryPrimitives.ReadUInt32BigEndian(transport[4..]),
                    FragmentOffset = fragment & 0xfff8,
                    MoreFragments = (fragment & 1) != 0,
                };
            }
            else
            {
                extensions.Add(packet.Protocol);
            }

            packet = packet with { Protocol = transport[0] };
            transport = transport[8..];
        }

        return packet with
        {
            Extensions = [.. extensions],
        };
    }

    private Packet ParseTransport(ReadOnlySpan<byte> transport, bool verify)
    {
        var noSum = Protocol == Udp && BinaryPrimitives.ReadUInt16BigEndian(transport[6..]) == 0;
        if (verify && !noSum && Protocol is Tcp or Udp or Icmp6)
        {
            Assert.Equal(0, Checksum([.. PseudoHeader(transport.Length), .. transport]));
        }

        if (verify && Protocol == Icmp)
        {
            Assert.Equal(0, Checksum(transport));
        }

        return Protocol switch
        {
            Tcp => this with
            {
                SourcePort = BinaryPrimitives.ReadUInt16BigEndian(transport),
                DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(transport[2..]),
                TcpFlags = transport.Length > 13 ? transport[13] : (byte)0,
                Payload = transport.Length > 20 ? transport[20..].ToArray() : [],
            },
            Udp => this with
            {
                SourcePort = BinaryPrimitives.ReadUInt16BigEndian(transport),
                DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(transport[2..]),
                UdpWithoutChecksum = noSum,
                Payload = transport[8..].ToArray(),
            },
            Sctp => this with
            {
                SourcePort = BinaryPrimitives.ReadUInt16BigEndian(transport),
                DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(transport[2..]),
                Payload = transport[12..].ToArray(),
            },
            Icmp or Icmp6 => this with
            {
                IcmpType = transport[0],
                IcmpCode = transport[1],
                SourcePort = BinaryPrimitives.ReadUInt16BigEndian(transport[4..]),
                Payload = transport[8..].ToArray(),
            },
            _ => this with { Payload = transport.ToArray() },
        };
    }

    private byte[] V4()
    {
        var transport = Transport();
        var header = new byte[20];
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(20 + transport.Length));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), FragmentId ?? 0);
        BinaryPrimitives.WriteUInt16BigEndian(
            header.AsSpan(6),
            (ushort)((FragmentOffset / 8) | (MoreFragments ? 0x2000 : 0))
        );
        header[8] = Ttl;
        header[9] = Protocol;
        Source.ToFamilyBytes().CopyTo(header, 12);
        Destination.ToFamilyBytes().CopyTo(header, 16);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Checksum(header));
        return [.. header, .. transport];
    }

    private byte[] V6()
    {
        var transport = Transport();
        byte[] chain = [.. Extensions, .. FragmentId is null ? [] : new[] { FragmentHeader }, Protocol];
        var extensions = new List<byte>();
        for (var i = 0; i < chain.Length - 1; i++)
        {
            var header = new byte[8];
            header[0] = chain[i + 1];
            if (chain[i] == FragmentHeader)
            {
                BinaryPrimitives.WriteUInt16BigEndian(
                    header.AsSpan(2),
                    (ushort)(FragmentOffset | (MoreFragments ? 1 : 0))
                );
                BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), FragmentId!.Value);
            }

            extensions.AddRange(header);
        }

        var ip = new byte[40];
        ip[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(ip.AsSpan(4), (ushort)(extensions.Count + transport.Length));
        ip[6] = chain[0];
        ip[7] = Ttl;
        Source.Write(ip.AsSpan(8));
        Destination.Write(ip.AsSpan(24));
        return [.. ip, .. extensions, .. transport];
    }

    private byte[] Transport()
    {
        if (FragmentOffset > 0)
        {
            return Payload;
        }

        var header = new byte[
            Protocol switch
            {
                Tcp => 20,
                Sctp => 12,
                Udp or Icmp or Icmp6 => 8,
                _ => 0,
            }
        ];
        byte[] segment = [.. header, .. Payload];
        if (Protocol is Tcp or Udp or Sctp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(segment, SourcePort);
            BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), DestinationPort);
        }

        switch (Protocol)
        {
            case Tcp:
                segment[12] = 5 << 4;
                segment[13] = TcpFlags;
                WriteSum(segment, 16, withPseudoHeader: true);
                break;
            case Udp:
                BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(4), (ushort)segment.Length);
                if (!UdpWithoutChecksum)
                {
                    WriteSum(segment, 6, withPseudoHeader: true);
                }

                break;
            case Icmp:
            case Icmp6:
                segment[0] = IcmpType;
                segment[1] = IcmpCode;
                BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(4), SourcePort);
                WriteSum(segment, 2, withPseudoHeader: Protocol == Icmp6);
                break;
        }

        return segment;
    }

    private void WriteSum(byte[] segment, int offset, bool withPseudoHeader)
    {
        byte[] covered = withPseudoHeader ? [.. PseudoHeader(segment.Length), .. segment] : segment;
        var sum = Checksum(covered);
        BinaryPrimitives.WriteUInt16BigEndian(
            segment.AsSpan(offset),
            sum == 0 && Protocol == Udp ? (ushort)0xffff : sum
        );
    }

    private byte[] PseudoHeader(int length)
    {
        byte[] tail = Source.IsV4
            ? [0, Protocol, (byte)(length >> 8), (byte)length]
            : [0, 0, (byte)(length >> 8), (byte)length, 0, 0, 0, Protocol];
        return [.. Source.ToFamilyBytes(), .. Destination.ToFamilyBytes(), .. tail];
    }

    /// <summary>RFC 1071.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (var i = 0; i < bytes.Length; i += 2)
        {
            sum += (uint)(bytes[i] << 8) + (i + 1 < bytes.Length ? bytes[i + 1] : 0u);
        }

        while (sum >> 16 != 0)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
