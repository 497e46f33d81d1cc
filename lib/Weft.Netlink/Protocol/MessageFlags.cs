namespace Weft.Netlink.Protocol;

/// <summary>nlmsg_flags: linux/netlink.h. One bit has several meanings, by the kind of message.</summary>
internal static class MessageFlags
{
    public const ushort NLM_F_REQUEST = 0x1;
    public const ushort NLM_F_ACK = 0x4;
    public const ushort NLM_F_DUMP_INTR = 0x10;

    // Of a request to read.
    public const ushort NLM_F_DUMP = 0x300;

    // Of a request to make something.
    public const ushort NLM_F_REPLACE = 0x100;
    public const ushort NLM_F_EXCL = 0x200;
    public const ushort NLM_F_CREATE = 0x400;

    // Of an acknowledgement.
    public const ushort NLM_F_CAPPED = 0x100;
    public const ushort NLM_F_ACK_TLVS = 0x200;

    /// <summary>Make it; it must not exist.</summary>
    public const ushort Add = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;

    /// <summary>Make it, in place of one that exists.</summary>
    public const ushort Replace = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;

    /// <summary>Change or remove it; it must exist.</summary>
    public const ushort Change = NLM_F_REQUEST | NLM_F_ACK;

    /// <summary>Read one.</summary>
    public const ushort Get = NLM_F_REQUEST;

    /// <summary>Read all.</summary>
    public const ushort Dump = NLM_F_REQUEST | NLM_F_DUMP;
}
