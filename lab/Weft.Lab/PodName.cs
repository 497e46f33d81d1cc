using System.Text.RegularExpressions;

namespace Weft.Lab;

/// <summary>A pod as people name it: NAMESPACE/NAME, both DNS labels (RFC 1123), so both fit into file names.</summary>
public sealed partial record PodName(string Namespace, string Name)
{
    /// <summary>For file names. No DNS label has an underscore, so two pods never share one.</summary>
    public string FileName => $"{Namespace}_{Name}";

    /// <summary>The pod a <see cref="FileName"/> came from.</summary>
    public static PodName FromFileName(string fileName) => Parse(fileName.Replace('_', '/'));

    /// <exception cref="LabException">The text is no pod's name.</exception>
    public static PodName Parse(string text)
    {
        var match = Shape.Match(text);
        return match.Success
            ? new PodName(match.Groups["namespace"].Value, match.Groups["name"].Value)
            : throw new LabException(
                $"\"{text}\" does not name a pod: write NAMESPACE/NAME, each of lower-case letters, digits and inner '-', at most 63"
            );
    }

    public override string ToString() => $"{Namespace}/{Name}";

    [GeneratedRegex(
        @"^(?<namespace>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)/(?<name>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)\z",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Shape { get; }
}
