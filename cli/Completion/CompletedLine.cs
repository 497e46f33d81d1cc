using System.Globalization;

namespace Weft.Cli.Completion;

/// <summary>
/// The line that a shell asks about, `[suggest:POSITION] LINE`: it starts with whatever name or path the command was
/// typed by, and only what starts with the program's own name is completed.
/// </summary>
internal static class CompletedLine
{
    private const string Directive = "[suggest";

    /// <summary>The arguments with that name in place of the typed one; others as they are.</summary>
    public static string[] WithName(string[] arguments, string own)
    {
        if (arguments is not [var directive, var line] || !directive.StartsWith(Directive, StringComparison.Ordinal))
        {
            return arguments;
        }

        var typed = line.IndexOf(' ', StringComparison.Ordinal) is var space and >= 0 ? space : line.Length;
        var position = int.TryParse(
            directive.AsSpan(Directive.Length).Trim(":]"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var asked
        )
            ? asked
            : line.Length;
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"{Directive}:{Math.Max(0, position + own.Length - typed)}]"),
            own + line[typed..],
        ];
    }
}
