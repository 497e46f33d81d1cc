using System.Text;

namespace Weft.Kubernetes.Objects.Compact;

/// <summary>
/// Shares equal texts among the objects that are read: label keys, namespaces and node names come tens of thousands of
/// times. A table of fixed size in which a new text replaces the one in its slot, so it needs neither lock nor limit.
/// </summary>
public static class StringPool
{
    private const int Slots = 1 << 13;
    private const int LongestShared = 128;

    private static readonly string?[] Table = new string?[Slots];

    /// <summary>The text of these bytes (UTF-8), perhaps one that was given out before.</summary>
    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > LongestShared)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        var hash = default(HashCode);
        hash.AddBytes(utf8);
        ref var slot = ref Table[hash.ToHashCode() & (Slots - 1)];
        // Only ASCII is found again, which names and label keys are.
        if (Volatile.Read(ref slot) is { } known && Ascii.Equals(utf8, known))
        {
            return known;
        }

        var text = Encoding.UTF8.GetString(utf8);
        Volatile.Write(ref slot, text);
        return text;
    }
}
