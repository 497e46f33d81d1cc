using System.Text.RegularExpressions;

namespace Weft.Lab;

/// <summary>A pod as people name it: NAMESPACE/NAME, a DNS label and a DNS subdomain (RFC 1123): neither holds what a file name must not.</summary>
public sealed partial record PodName(string Namespace, string Name)
{
    /// <summary>For file names. No DNS name has an underscore, so two pods never share one.</summary>
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
                $"\"{text}\" does not name a pod: write NAMESPACE/NAME, of lower-case letters, digits and inner '-', in the name '.' too; at most 63 and 180"
            );
    }

    public override string ToString() => $"{Namespace}/{Name}";

    [GeneratedRegex(
        @"^(?<namespace>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)/(?<name>[a-z0-9]([a-z0-9.-]{0,178}[a-z0-9])?)\z",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Shape { get; }
}
