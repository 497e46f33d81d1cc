using static Weft.Netlink.Protocol.LinkMessage;

namespace Weft.Netlink.Protocol;

/// <summary>Making links: RTM_NEWLINK with the kind and its own attributes.</summary>
internal static class NewLinkMessage
{
    private const ushort IFLA_NUM_TX_QUEUES = 31;
    private const ushort IFLA_NUM_RX_QUEUES = 32;
    private const ushort VETH_INFO_PEER = 1;
    private const ushort IFLA_VXLAN_GROUP = 2;
    private const ushort IFLA_VXLAN_LOCAL = 4;
    private const ushort IFLA_VXLAN_LEARNING = 7;
    private const ushort IFLA_VXLAN_GROUP6 = 16;
    private const ushort IFLA_VXLAN_LOCAL6 = 17;
    private const ushort IFLA_VXLAN_UDP_ZERO_CSUM6_TX = 19;
    private const ushort IFLA_VXLAN_UDP_ZERO_CSUM6_RX = 20;

    public static void Veth(MessageWriter writer, VethSpec spec)
    {
        Begin(writer, spec.Name);
        WriteCommon(writer, spec.Mac, spec.Mtu, target: null);
        WriteQueues(writer, spec.Queues);
        var (info, data) = BeginInfo(writer, "veth");
        var peer = writer.BeginNested(VETH_INFO_PEER);
        writer.Body(default(IfInfoMsg));
        writer.Attribute(IFLA_IFNAME, spec.PeerName);
        WriteCommon(writer, spec.PeerMac, spec.PeerMtu, spec.PeerNamespace);
        WriteQueues(writer, spec.Queues);
        writer.EndNested(peer);
        EndInfo(writer, info, data);
    }

    public static void Vxlan(MessageWriter writer, VxlanSpec spec)
    {
        Begin(writer, spec.Name);
        WriteCommon(writer, spec.Mac, spec.Mtu, target: null);
        var (info, data) = BeginInfo(writer, "vxlan");
        writer.AttributeBigEndian(IFLA_VXLAN_PORT, spec.Port);
        if (spec.CollectMetadata)
        {
            writer.Attribute(IFLA_VXLAN_COLLECT_METADATA, (byte)1);
            writer.Attribute(IFLA_VXLAN_LEARNING, (byte)0);
        }

        if (spec.Vni is { } vni)
        {
            writer.Attribute(IFLA_VXLAN_ID, vni);
        }

        if (spec.Local is { } local)
        {
            writer.Attribute(local.IsV4 ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, local);
        }

        if (spec.Remote is { } remote)
        {
            writer.Attribute(remote.IsV4 ? IFLA_VXLAN_GROUP : IFLA_VXLAN_GROUP6, remote);
        }

        if (spec.UdpZeroChecksum6)
        {
            writer.Attribute(IFLA_VXLAN_UDP_ZERO_CSUM6_TX, (byte)1);
            writer.Attribute(IFLA_VXLAN_UDP_ZERO_CSUM6_RX, (byte)1);
        }

        EndInfo(writer, info, data);
    }

    public static void Bridge(MessageWriter writer, string name)
    {
        Begin(writer, name);
        var (info, data) = BeginInfo(writer, "bridge");
        EndInfo(writer, info, data);
    }

    private static void Begin(MessageWriter writer, string name)
    {
        writer.Begin(MessageType.RTM_NEWLINK, MessageFlags.Add, default(IfInfoMsg));
        writer.Attribute(IFLA_IFNAME, name);
    }

    private static void WriteQueues(MessageWriter writer, int? queues)
    {
        if (queues is { } count)
        {
            writer.Attribute(IFLA_NUM_TX_QUEUES, count);
            writer.Attribute(IFLA_NUM_RX_QUEUES, count);
        }
    }

    private static (int Info, int Data) BeginInfo(MessageWriter writer, string kind)
    {
        var info = writer.BeginNested(IFLA_LINKINFO);
        writer.Attribute(IFLA_INFO_KIND, kind);
        return (info, writer.BeginNested(IFLA_INFO_DATA));
    }

    private static void EndInfo(MessageWriter writer, int info, int data)
    {
        writer.EndNested(data);
        writer.EndNested(info);
        writer.End();
    }
}
