using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>The programs: where each is attached is said in its file under bpf/.</summary>
/// <param name="FromPod">Ingress of a pod's veth on the host.</param>
/// <param name="FromHost">Egress of weft_host.</param>
/// <param name="FromOverlay">Ingress of weft_vxlan.</param>
/// <param name="FromNetdev">Ingress of a device to the outside.</param>
/// <param name="ToNetdev">Egress of a device to the outside.</param>
/// <param name="XdpNetdev">XDP of a device to the outside.</param>
/// <param name="Sockets">By the call that each is for, in the control group of all the node's processes.</param>
public sealed record Programs(
    BpfProgram FromPod,
    BpfProgram FromHost,
    BpfProgram FromOverlay,
    BpfProgram FromNetdev,
    BpfProgram ToNetdev,
    BpfProgram XdpNetdev,
    IReadOnlyDictionary<SocketCall, BpfProgram> Sockets
)
{
    internal static Programs Of(BpfObject bpf) =>
        new(
            bpf.Programs["weft_from_pod"],
            bpf.Programs["weft_from_host"],
            bpf.Programs["weft_from_overlay"],
            bpf.Programs["weft_from_netdev"],
            bpf.Programs["weft_to_netdev"],
            bpf.Programs["weft_xdp_netdev"],
            new Dictionary<SocketCall, BpfProgram>
            {
                [SocketCall.Connect4] = bpf.Programs["weft_connect4"],
                [SocketCall.Connect6] = bpf.Programs["weft_connect6"],
                [SocketCall.SendMessage4] = bpf.Programs["weft_sendmsg4"],
                [SocketCall.SendMessage6] = bpf.Programs["weft_sendmsg6"],
                [SocketCall.ReceiveMessage4] = bpf.Programs["weft_recvmsg4"],
                [SocketCall.ReceiveMessage6] = bpf.Programs["weft_recvmsg6"],
                [SocketCall.GetPeerName4] = bpf.Programs["weft_getpeername4"],
                [SocketCall.GetPeerName6] = bpf.Programs["weft_getpeername6"],
                [SocketCall.Bind4] = bpf.Programs["weft_bind4"],
                [SocketCall.Bind6] = bpf.Programs["weft_bind6"],
            }
        );

    /// <summary>All of them.</summary>
    public IReadOnlyList<BpfProgram> All =>
        [FromPod, FromHost, FromOverlay, FromNetdev, ToNetdev, XdpNetdev, .. Sockets.Values];
}
