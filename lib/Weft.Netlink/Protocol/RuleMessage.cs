using System.Runtime.InteropServices;
using Weft.Net;

namespace Weft.Netlink.Protocol;

/// <summary>Policy routing rules on the wire: linux/fib_rules.h.</summary>
internal static class RuleMessage
{
    private const ushort FRA_DST = 1;
    private const ushort FRA_SRC = 2;
    private const ushort FRA_IIFNAME = 3;
    private const ushort FRA_PRIORITY = 6;
    private const ushort FRA_FWMARK = 10;
    private const ushort FRA_TABLE = 15;
    private const ushort FRA_FWMASK = 16;
    private const byte FR_ACT_TO_TBL = 1;

    /// <summary>struct fib_rule_hdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FibRuleHeader
    {
        public byte Family;
        public byte DestinationLength;
        public byte SourceLength;
        public byte Tos;
        public byte Table;
        public byte Reserved1;
        public byte Reserved2;
        public byte Action;
        public uint Flags;
    }

    public static void Add(MessageWriter writer, Rule rule) =>
        Write(writer, MessageType.RTM_NEWRULE, MessageFlags.Add, rule);

    public static void Delete(MessageWriter writer, Rule rule) =>
        Write(writer, MessageType.RTM_DELRULE, MessageFlags.Change, rule);

    public static void Dump(MessageWriter writer)
    {
        writer.Begin(MessageType.RTM_GETRULE, MessageFlags.Dump, default(FibRuleHeader));
        writer.End();
    }

    public static Rule? Read(ReadOnlySpan<byte> payload)
    {
        if (!Message.TryReadBody<FibRuleHeader>(payload, out var body, out var attributes) || !Family.IsIp(body.Family))
        {
            return null;
        }

        var rule = new Rule
        {
            Family = Family.ToAddressFamily(body.Family),
            Priority = 0,
            Table = body.Table,
        };
        foreach (var attribute in attributes)
        {
            rule = attribute.Type switch
            {
                FRA_PRIORITY => rule with { Priority = attribute.Int },
                FRA_TABLE => rule with { Table = attribute.Int },
                FRA_FWMARK => rule with { Mark = attribute.UInt },
                FRA_FWMASK => rule with { Mask = attribute.UInt },
                FRA_IIFNAME => rule with { InputInterface = attribute.Text },
                FRA_SRC when attribute.Ip is { } source => rule with
                {
                    Source = Family.ToPrefix(source, body.SourceLength),
                },
                FRA_DST when attribute.Ip is { } destination => rule with
                {
                    Destination = Family.ToPrefix(destination, body.DestinationLength),
                },
                _ => rule,
            };
        }

        // The kernel leaves out a mark of zero.
        return rule is { Mask: not null, Mark: null } ? rule with { Mark = 0 } : rule;
    }

    private static void Write(MessageWriter writer, ushort type, ushort flags, Rule rule)
    {
        var body = new FibRuleHeader
        {
            Family = Family.Of(rule.Family),
            SourceLength = (byte)(rule.Source?.Length ?? 0),
            DestinationLength = (byte)(rule.Destination?.Length ?? 0),
            Action = FR_ACT_TO_TBL,
        };
        writer.Begin(type, flags, body);
        writer.Attribute(FRA_PRIORITY, rule.Priority);
        writer.Attribute(FRA_TABLE, rule.Table);
        WritePrefix(writer, FRA_SRC, rule.Source);
        WritePrefix(writer, FRA_DST, rule.Destination);
        if (rule.Mark is { } mark)
        {
            writer.Attribute(FRA_FWMARK, mark);
        }

        if (rule.Mask is { } mask)
        {
            writer.Attribute(FRA_FWMASK, mask);
        }

        if (rule.InputInterface is { } name)
        {
            writer.Attribute(FRA_IIFNAME, name);
        }

        writer.End();
    }

    private static void WritePrefix(MessageWriter writer, ushort type, Prefix? prefix)
    {
        if (prefix is { Length: > 0 } given)
        {
            writer.Attribute(type, given.First);
        }
    }
}
