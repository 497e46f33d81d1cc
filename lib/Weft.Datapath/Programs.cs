using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>The programs: where each is attached is said in its file under bpf/tc.</summary>
/// <param name="FromPod">Ingress of a pod's veth on the host.</param>
/// <param name="FromHost">Egress of weft_host.</param>
/// <param name="FromOverlay">Ingress of weft_vxlan.</param>
/// <param name="FromNetdev">Ingress of a device to the outside.</param>
/// <param name="ToNetdev">Egress of a device to the outside.</param>
public sealed record Programs(
    BpfProgram FromPod,
    BpfProgram FromHost,
    BpfProgram FromOverlay,
    BpfProgram FromNetdev,
    BpfProgram ToNetdev
)
{
    internal static Programs Of(BpfObject bpf) =>
        new(
            bpf.Programs["weft_from_pod"],
            bpf.Programs["weft_from_host"],
            bpf.Programs["weft_from_overlay"],
            bpf.Programs["weft_from_netdev"],
            bpf.Programs["weft_to_netdev"]
        );

    /// <summary>All of them.</summary>
    public IReadOnlyList<BpfProgram> All => [FromPod, FromHost, FromOverlay, FromNetdev, ToNetdev];
}
