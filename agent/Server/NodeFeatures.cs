using Weft.Bpf;
using Weft.Contracts;
using Weft.Netlink;

namespace Weft.Agent.Server;

/// <summary>What depends on the kernel, the devices or the configuration, as `weft status` shows it.</summary>
internal static class NodeFeatures
{
    /// <param name="mechanism">How programs are attached to devices.</param>
    /// <param name="services">Whether sockets get backends in place of Services.</param>
    /// <param name="xdp">Whether XDP is configured.</param>
    /// <param name="withoutXdp">Why devices are without it all the same.</param>
    public static IReadOnlyList<FeatureState> Of(
        TcMechanism mechanism,
        bool services,
        bool xdp,
        IReadOnlyCollection<string> withoutXdp
    ) =>
        [
            mechanism == TcMechanism.Tcx
                ? new("tcx", true, "programs are attached and exchanged by links")
                : new("tcx", false, "the kernel lacks it (Linux 6.6 has it): clsact filters are used instead"),
            services
                ? new("socket-lb", true, "sockets get backends in place of Services")
                : new(
                    "socket-lb",
                    false,
                    "\"kubeProxyReplacement\" is false, or there is no Kubernetes: pods' packets are given backends of ClusterIPs, all else is kube-proxy's"
                ),
            KernelIPv6.IsThere
                ? new("ipv6", true, "pods can have IPv6")
                : new("ipv6", false, "the kernel has none (ipv6.disable=1): pods can have IPv4 only"),
            !xdp ? new("xdp", false, "\"xdp\" is not set: connections from outside are forwarded by tc")
            : withoutXdp.Count > 0
                ? new("xdp", false, $"not on all devices, tc does it there: {string.Join("; ", withoutXdp.Distinct())}")
            : new("xdp", true, "connections from outside are forwarded ahead of the stack"),
        ];
}
