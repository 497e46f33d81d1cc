using Weft.Contracts;

namespace Weft.Cni;

internal enum CniVerb
{
    Add,
    Del,
    Check,
    Gc,
    Status,
    Version,
}

/// <summary>What the runtime says in the environment.</summary>
/// <param name="Verb">CNI_COMMAND.</param>
/// <param name="Id">CNI_CONTAINERID and CNI_IFNAME; set for ADD, DEL and CHECK.</param>
/// <param name="Netns">CNI_NETNS; never empty for ADD and CHECK, null when DEL came without.</param>
/// <param name="Args">CNI_ARGS as it is; read by <see cref="CniArgs"/> where it matters.</param>
/// <param name="OwnNetnsAllowed">CNI_NETNS_OVERRIDE: the pod may live in the plugin's own namespace.</param>
internal sealed record Invocation(
    CniVerb Verb,
    AttachmentId? Id = null,
    string? Netns = null,
    string? Args = null,
    bool OwnNetnsAllowed = false
)
{
    public const string Command = "CNI_COMMAND";

    private const string ContainerId = "CNI_CONTAINERID";
    private const string NetnsPath = "CNI_NETNS";
    private const string IfName = "CNI_IFNAME";

    /// <summary>Reads the environment of a call with the given CNI_COMMAND.</summary>
    public static Invocation Read(string command, Func<string, string?> environment)
    {
        var verb = CniVerbs.Parse(command);
        if (verb is CniVerb.Gc or CniVerb.Status or CniVerb.Version)
        {
            return new Invocation(verb);
        }

        List<string> missing = [];
        var containerId = Required(ContainerId);
        var netns = verb == CniVerb.Del ? environment(NetnsPath) : Required(NetnsPath);
        var ifName = Required(IfName);
        if (missing.Count > 0)
        {
            throw new CniException(
                CniErrorCode.InvalidEnvironment,
                $"{command} needs these environment variables, which are missing or empty: {string.Join(", ", missing)}"
            );
        }

        var complaint = Names.ComplaintAboutId(ContainerId, containerId) ?? Names.ComplaintAboutIfName(IfName, ifName);
        return complaint is not null
            ? throw new CniException(CniErrorCode.InvalidEnvironment, complaint)
            : new Invocation(
                verb,
                new AttachmentId(containerId, ifName),
                string.IsNullOrEmpty(netns) ? null : netns,
                environment("CNI_ARGS"),
                environment("CNI_NETNS_OVERRIDE")?.ToUpperInvariant() is "1" or "TRUE"
            );

        string Required(string name)
        {
            var value = environment(name);
            if (string.IsNullOrEmpty(value))
            {
                missing.Add(name);
            }

            return value ?? "";
        }
    }
}

internal static class CniVerbs
{
    public static CniVerb Parse(string command) =>
        command switch
        {
            "ADD" => CniVerb.Add,
            "DEL" => CniVerb.Del,
            "CHECK" => CniVerb.Check,
            "GC" => CniVerb.Gc,
            "STATUS" => CniVerb.Status,
            "VERSION" => CniVerb.Version,
            _ => throw new CniException(
                CniErrorCode.InvalidEnvironment,
                $"{Invocation.Command} is \"{command}\": it must be ADD, DEL, CHECK, GC, STATUS or VERSION"
            ),
        };

    public static string Text(this CniVerb verb) =>
        verb switch
        {
            CniVerb.Add => "ADD",
            CniVerb.Del => "DEL",
            CniVerb.Check => "CHECK",
            CniVerb.Gc => "GC",
            CniVerb.Status => "STATUS",
            _ => "VERSION",
        };
}
