namespace Weft.Resources.Definitions;

/// <summary>CEL about prefixes; the functions are there from Kubernetes 1.31 on.</summary>
internal static class CidrRules
{
    /// <summary>Characters of the longest prefix or address in text.</summary>
    public const int LongestText = 43;

    /// <summary>True for a prefix in its one canonical text: host bits clear, RFC 5952.</summary>
    public static string Canonical(string text) => $"isCIDR({text}) && string(cidr({text}).masked()) == {text}";

    /// <summary>True when the rule holds, or when the text is no prefix, which another rule says better.</summary>
    public static string WhenCidr(string text, string rule) => $"!isCIDR({text}) || ({rule})";
}
