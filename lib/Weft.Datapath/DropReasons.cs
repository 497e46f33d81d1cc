using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Weft.Bpf;

namespace Weft.Datapath;

/// <summary>One reason to drop a packet.</summary>
/// <param name="Number">Its number in the datapath, from 1.</param>
/// <param name="Name">Its name, as in the list.</param>
/// <param name="Text">What it means.</param>
public sealed record DropReason(uint Number, string Name, string Text);

/// <summary>struct drop_count.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct DropCount
{
    /// <summary>Packets.</summary>
    public ulong Packets;

    /// <summary>Bytes.</summary>
    public ulong Bytes;

    internal static StructLayout<DropCount> Layout =>
        new StructLayout<DropCount>("drop_count")
            .Field("packets", static (ref DropCount v) => ref v.Packets)
            .Field("bytes", static (ref DropCount v) => ref v.Bytes);
}

/// <summary>The list of drop reasons, read from the very header the datapath is built with.</summary>
public static partial class DropReasons
{
    private const string Resource = "drop_reasons.h";

    /// <summary>All reasons, by number from 1.</summary>
    public static IReadOnlyList<DropReason> All { get; } = Parse(DatapathObject.ReadText(Resource));

    /// <summary>Reads X(NAME, "text") entries in their order.</summary>
    internal static IReadOnlyList<DropReason> Parse(string header) =>
        [
            .. Entry()
                .Matches(header)
                .Select(
                    (match, index) => new DropReason((uint)index + 1, match.Groups[1].Value, match.Groups[2].Value)
                ),
        ];

    [GeneratedRegex("""X\((\w+),[\s\\]*"([^"]*)"\)""")]
    private static partial Regex Entry();
}
