using System.Text;

namespace Weft.Lab.Linux;

/// <summary>One line of /proc/self/mountinfo.</summary>
/// <param name="Root">What of the file system is mounted: for a pinned namespace its name, as net:[4026532008].</param>
/// <param name="Target">Where.</param>
/// <param name="Type">The file system: nsfs for a pinned namespace.</param>
internal readonly record struct MountEntry(string Root, string Target, string Type)
{
    public bool IsNamespace => Type == "nsfs";
}

internal static class MountTable
{
    /// <summary>The mounts on <paramref name="directory"/> and below, in the order they were made.</summary>
    public static IReadOnlyList<MountEntry> Below(string directory) =>
        [.. Parse(File.ReadLines("/proc/self/mountinfo")).Where(m => IsBelow(m.Target, directory))];

    internal static IEnumerable<MountEntry> Parse(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            // 36 35 98:0 /root /target options optional-fields… - type source super-options (proc_pid_mountinfo(5))
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-");
            yield return new MountEntry(Unescape(fields[3]), Unescape(fields[4]), fields[separator + 1]);
        }
    }

    private static bool IsBelow(string path, string directory) =>
        path == directory || path.StartsWith(directory + "/", StringComparison.Ordinal);

    /// <summary>The kernel writes space, tab, newline and backslash as three octal digits.</summary>
    private static string Unescape(string field)
    {
        if (!field.Contains('\\'))
        {
            return field;
        }

        var text = new StringBuilder();
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\')
            {
                text.Append((char)Convert.ToInt32(field.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();
    }
}
