namespace Weft.Agent.Publishing;

/// <summary>
/// Tells what the watch says of a slice after this agent's own write from what others did to it. Versions of one kind of
/// objects compare as numbers (KEP-5504). Pure.
/// </summary>
internal sealed class SliceVersion
{
    private const ulong Gone = ulong.MaxValue;
    private ulong? written;
    private ulong heard;
    private bool isBeingWritten;

    /// <summary>A write begins: what is heard meanwhile may be its echo.</summary>
    public void Begin() => (isBeingWritten, heard) = (true, 0);

    /// <summary>The write is done; false when something newer than it was heard meanwhile.</summary>
    /// <param name="version">The object's; null when it was deleted.</param>
    public bool IsLatest(string? version)
    {
        isBeingWritten = false;
        written = version is null ? null : Number(version);
        return written is null ? heard is 0 or Gone : heard <= written;
    }

    /// <summary>True when this is another one's doing.</summary>
    /// <param name="version">What the watch says now; null when the slice is gone.</param>
    public bool IsForeign(string? version)
    {
        var now = version is null ? Gone : Number(version);
        if (isBeingWritten)
        {
            heard = Math.Max(heard, now);
            return false;
        }

        return written is { } own ? now > own : false;
    }

    // One that is no number is taken for the newest, which costs a write that changes nothing.
    private static ulong Number(string version) => ulong.TryParse(version, out var number) ? number : Gone - 1;
}
