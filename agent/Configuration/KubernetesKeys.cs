using Weft.Agent.Readiness;
using Weft.Configuration;

namespace Weft.Agent.Configuration;

/// <summary>The keys of a node of a Kubernetes cluster, and those that contradict them.</summary>
internal static class KubernetesKeys
{
    private const string DefaultStateDirectory = "/var/lib/weft";
    private const string DefaultCniConfigDirectory = "/etc/cni/net.d";

    /// <summary>What they say, or null when the agent does without Kubernetes.</summary>
    /// <exception cref="ConfigException">They contradict others, or each other.</exception>
    public static KubernetesSettings? Check(AgentConfig config)
    {
        if (config.Kubernetes is null)
        {
            Refuse(
                "stateDirectory",
                config.StateDirectory,
                "it is for a node with \"kubernetes\"; add that, or remove it"
            );
            Refuse(
                "cniConfigDirectory",
                config.CniConfigDirectory,
                "it is for a node with \"kubernetes\"; add that, or remove it"
            );
            Refuse("cniChain", config.CniChain, "it is for a node with \"kubernetes\"; add that, or remove it");
            Refuse("cniExclusive", config.CniExclusive, "it is for a node with \"kubernetes\"; add that, or remove it");
            return null;
        }

        Refuse(
            "podCidrs",
            config.PodCidrs,
            "a node with \"kubernetes\" gets them from its WeftNode; remove one of the two"
        );
        Refuse(
            "peersDirectory",
            config.PeersDirectory,
            "a node with \"kubernetes\" learns of the others from their WeftNodes; remove one of the two"
        );
        return new KubernetesSettings(
            config.Kubernetes.Kubeconfig is { } path ? ConfigFile.Absolute("kubernetes.kubeconfig", path) : null,
            ConfigFile.Absolute("stateDirectory", config.StateDirectory ?? DefaultStateDirectory),
            ConfigFile.Absolute("cniConfigDirectory", config.CniConfigDirectory ?? DefaultCniConfigDirectory),
            Chain(config.CniChain ?? []),
            config.CniExclusive ?? true
        );
    }

    /// <summary>Refuses a key that is given where it has no meaning.</summary>
    internal static void Refuse(string key, object? given, string why)
    {
        if (given is not null)
        {
            throw new ConfigException($"\"{key}\" cannot be used: {why}");
        }
    }

    private static IReadOnlyList<string> Chain(IReadOnlyList<string> chain)
    {
        if (chain.FirstOrDefault(plugin => !CniConfiguration.CanFollow(plugin)) is { } unknown)
        {
            throw new ConfigException(
                $"\"cniChain\": \"{unknown}\" is none of {string.Join(", ", CniConfiguration.Followers)}"
            );
        }

        return chain.Distinct().Count() == chain.Count
            ? chain
            : throw new ConfigException("\"cniChain\" names one plugin twice; remove one of them");
    }
}
