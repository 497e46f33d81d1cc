using Weft.Contracts;

namespace Weft.Cni;

/// <summary>The CNI protocol versions the plugin speaks, oldest first, so that they compare.</summary>
internal enum CniVersion
{
    V0_3_1,
    V0_4_0,
    V1_0_0,
    V1_1_0,
}

internal static class CniVersions
{
    public const CniVersion Newest = CniVersion.V1_1_0;

    /// <summary>By the spec, a configuration that names no version is of this one.</summary>
    private const string Unnamed = "0.1.0";

    /// <summary>Texts in the order of <see cref="CniVersion"/>.</summary>
    public static readonly string[] Supported = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"];

    public static string Text(this CniVersion version) => Supported[(int)version];

    public static CniVersion Of(ConfigNode config)
    {
        var text = config.Member("cniVersion")?.Text();
        return TryParse(text ?? Unnamed, out var version)
            ? version
            : throw new CniException(
                CniErrorCode.IncompatibleVersion,
                $"cniVersion \"{text ?? Unnamed}\"{(text is null ? " (what a missing cniVersion means)" : "")} is not "
                    + $"supported: use one of {string.Join(", ", Supported)}"
            );
    }

    public static bool TryParse(string text, out CniVersion version)
    {
        var index = Array.IndexOf(Supported, text);
        version = (CniVersion)index;
        return index >= 0;
    }

    /// <summary>Refuses a verb that came into the protocol after <paramref name="version"/>.</summary>
    public static void Require(this CniVersion version, CniVerb verb)
    {
        var since = verb switch
        {
            CniVerb.Check => CniVersion.V0_4_0,
            CniVerb.Gc or CniVerb.Status => CniVersion.V1_1_0,
            _ => CniVersion.V0_3_1,
        };
        if (version < since)
        {
            throw new CniException(
                CniErrorCode.IncompatibleVersion,
                $"{verb.Text()} needs cniVersion {since.Text()} or later; the configuration says {version.Text()}"
            );
        }
    }
}
