using System.Text;

namespace Weft.Lab.Kubelet.Containers;

/// <summary>What a container that failed says last, as a kubelet takes it from its log (terminationMessagePolicy).</summary>
internal static class LastWords
{
    private const int MostBytes = 2048;
    private const int MostLines = 80;

    /// <summary>The end of a log; null when there is none.</summary>
    public static string? Of(string log)
    {
        if (!File.Exists(log))
        {
            return null;
        }

        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(Math.Max(0, file.Length - MostBytes), SeekOrigin.Begin);
        var bytes = new byte[MostBytes];
        var text = Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, MostBytes, throwOnEndOfStream: false));
        var lines = text.TrimEnd('\n').Split('\n');
        return string.Join('\n', lines.TakeLast(MostLines)) is { Length: > 0 } words ? words : null;
    }
}
