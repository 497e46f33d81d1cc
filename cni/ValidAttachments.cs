using Weft.Contracts;

namespace Weft.Cni;

/// <summary>GC's list of what must stay.</summary>
internal static class ValidAttachments
{
    private const string Specified = "cni.dev/valid-attachments";

    // libcni writes this key beside, or in place of, the specified one.
    private const string AlsoWritten = "cni.dev/attachments";

    /// <summary>
    /// The union of both keys. null or [] means that nothing stays; with neither key there, nothing says so, and
    /// taking that for "nothing stays" would cut off every pod.
    /// </summary>
    public static List<AttachmentId> Of(ConfigNode config)
    {
        List<AttachmentId> valid = [];
        var told = false;
        foreach (var key in (ReadOnlySpan<string>)[Specified, AlsoWritten])
        {
            told |= config.Element.TryGetProperty(key, out _);
            foreach (var entry in config.Member(key)?.Items() ?? [])
            {
                var id = new AttachmentId(
                    Name(entry, "containerID", Names.ComplaintAboutId),
                    Name(entry, "ifname", Names.ComplaintAboutIfName)
                );
                if (!valid.Contains(id))
                {
                    valid.Add(id);
                }
            }
        }

        return told
            ? valid
            : throw new CniException(
                CniErrorCode.InvalidConfig,
                $"GC needs \"{Specified}\" (or \"{AlsoWritten}\"), the list of attachments to keep"
            );
    }

    private static string Name(ConfigNode entry, string key, Func<string, string, string?> complaintAbout)
    {
        if (entry.Member(key) is not { } node)
        {
            throw entry.Invalid($"has no \"{key}\"");
        }

        var name = node.Text();
        return complaintAbout($"\"{node.Path}\"", name) is { } complaint
            ? throw new CniException(CniErrorCode.InvalidConfig, complaint)
            : name;
    }
}
