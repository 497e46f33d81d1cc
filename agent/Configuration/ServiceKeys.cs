using Weft.Configuration;
using Weft.Net;

namespace Weft.Agent.Configuration;

/// <summary>The keys about Services, and those that contradict them.</summary>
internal static class ServiceKeys
{
    /// <summary>What they say, or null without a cluster, which has none.</summary>
    /// <exception cref="ConfigException">They contradict others, or each other.</exception>
    public static ServiceSettings? Check(AgentConfig config)
    {
        if (config.Kubernetes is null)
        {
            Refuse(config, "it is for a node with \"kubernetes\"; add that, or remove it");
            return null;
        }

        if (config.KubeProxyReplacement == false)
        {
            Refuse(
                config with
                {
                    KubeProxyReplacement = null,
                    ServiceCidrs = null,
                    CgroupRoot = null,
                },
                "it contradicts \"kubeProxyReplacement\": false; remove one of them"
            );
            return new ServiceSettings(
                Cidrs(config),
                Cgroup(config),
                Xdp: false,
                DirectReturn: false,
                ReplacesKubeProxy: false
            );
        }

        return new ServiceSettings(
            Cidrs(config),
            Cgroup(config),
            config.Xdp ?? false,
            IsDirect(config.LoadBalancerMode),
            ReplacesKubeProxy: true
        );
    }

    private static List<Prefix> Cidrs(AgentConfig config) =>
        ConfigFile.Disjoint("serviceCidrs", config.ServiceCidrs ?? [], "10.96.0.0/16");

    private static string? Cgroup(AgentConfig config) =>
        config.CgroupRoot is { } path ? ConfigFile.Absolute("cgroupRoot", path) : null;

    private static bool IsDirect(string? mode) =>
        mode switch
        {
            null or "snat" => false,
            "dsr" => true,
            _ => throw new ConfigException($"\"loadBalancerMode\": \"{mode}\" is neither snat nor dsr"),
        };

    private static void Refuse(AgentConfig config, string why)
    {
        KubernetesKeys.Refuse("kubeProxyReplacement", config.KubeProxyReplacement, why);
        KubernetesKeys.Refuse("serviceCidrs", config.ServiceCidrs, why);
        KubernetesKeys.Refuse("cgroupRoot", config.CgroupRoot, why);
        KubernetesKeys.Refuse("xdp", config.Xdp, why);
        KubernetesKeys.Refuse("loadBalancerMode", config.LoadBalancerMode, why);
    }
}
