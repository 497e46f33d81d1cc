using Weft.Configuration;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Operator.Pools;
using Weft.Resources;

namespace Weft.Operator.Configuration;

/// <summary>Reading the configuration file. Whatever is unknown, contradictory or out of range is refused by name.</summary>
internal static class ConfigFile
{
    private const int DefaultCoolDownSeconds = 600;
    private const int DefaultGraceSeconds = 600;
    private const int LongestSeconds = 86400;
    private const string DefaultListen = "[::]:9967";

    /// <summary>Reads and checks the file; without one, everything is as by default.</summary>
    /// <exception cref="ConfigException">It cannot be read or used.</exception>
    public static OperatorSettings Read(string? path) =>
        path is null ? Check(new OperatorConfig()) : ConfigDocument.Read(path, text => Parse(text));

    /// <summary>Checks the text of a configuration.</summary>
    internal static OperatorSettings Parse(ReadOnlySpan<byte> text) =>
        Check(ConfigDocument.Parse(text, ConfigJson.Default.OperatorConfig));

    private static OperatorSettings Check(OperatorConfig config)
    {
        var ipam = config.Ipam switch
        {
            null or "pool" => Ipam.Pool,
            "kubernetes" => Ipam.Kubernetes,
            _ => throw new ConfigException($"\"ipam\": \"{config.Ipam}\" is neither pool nor kubernetes"),
        };
        if (ipam == Ipam.Kubernetes && config.ClusterPodCidrs is not null)
        {
            throw new ConfigException(
                "\"clusterPodCidrs\" contradicts \"ipam\": \"kubernetes\", which takes the nodes' own; remove one of them"
            );
        }

        if (ipam == Ipam.Kubernetes && config.BlockCoolDownSeconds is not null)
        {
            throw new ConfigException(
                "\"blockCoolDownSeconds\" contradicts \"ipam\": \"kubernetes\", which has no blocks; remove one of them"
            );
        }

        if (config.LeaseNamespace is "")
        {
            throw new ConfigException("\"leaseNamespace\" is empty; name a namespace or remove the key");
        }

        return new OperatorSettings(
            ipam,
            PodCidrs(config.ClusterPodCidrs ?? []),
            Seconds("blockCoolDownSeconds", config.BlockCoolDownSeconds ?? DefaultCoolDownSeconds),
            Seconds("identityGraceSeconds", config.IdentityGraceSeconds ?? DefaultGraceSeconds),
            ListenAddress.Parse("listen", config.Listen ?? DefaultListen),
            config.LeaseNamespace
        );
    }

    private static TimeSpan Seconds(string key, int seconds) =>
        seconds is >= 0 and <= LongestSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new ConfigException($"\"{key}\" is {seconds}; it must be from 0 to {LongestSeconds}");

    /// <summary>What is refused here would be refused in the pool, where the reason is further from its cause.</summary>
    private static List<Prefix> PodCidrs(IReadOnlyList<string> texts)
    {
        var prefixes = new List<Prefix>();
        foreach (var text in texts)
        {
            if (!Prefix.TryParse(text, out var prefix) || prefix != prefix.Network)
            {
                throw new ConfigException(
                    $"\"clusterPodCidrs\": \"{text}\" is not a prefix with host bits clear, such as 10.244.0.0/16"
                );
            }

            if (prefixes.Find(other => other.Overlaps(prefix)) is { Length: > 0 } other)
            {
                throw new ConfigException($"\"clusterPodCidrs\": {text} and {other} overlap; remove one of them");
            }

            var range = new WeftIPRange { Cidr = text, BlockSize = DefaultPool.BlockSize(prefix) };
            var pool = new WeftIPPool
            {
                Metadata = new ObjectMeta(),
                Spec = new WeftIPPoolSpec { Ranges = [range] },
            };
            if (PoolRange.Read(pool, range, out var problem) is null)
            {
                throw new ConfigException($"\"clusterPodCidrs\": {text} has no room for pods: {problem}");
            }

            prefixes.Add(prefix);
        }

        return prefixes.Count <= WeftIPPool.MostRanges
            ? prefixes
            : throw new ConfigException($"\"clusterPodCidrs\" has more than {WeftIPPool.MostRanges} prefixes");
    }
}
