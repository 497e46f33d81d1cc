using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Registry;

/// <summary>Names of objects: their grammars and how they are generated.</summary>
internal static partial class Names
{
    private const int LongestSubdomain = 253;
    private const int LongestLabel = 63;
    private const int GeneratedLength = 5;

    // Without vowels and what looks like them, so that no words come out.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string Generate(string prefix) =>
        prefix[..Math.Min(prefix.Length, LongestLabel - GeneratedLength)]
        + RandomNumberGenerator.GetString(Alphabet, GeneratedLength);

    /// <summary>What is wrong with a name, or null.</summary>
    public static FieldError? Check(NameRule rule, string name)
    {
        var (longest, valid, text) = rule switch
        {
            NameRule.Subdomain => (
                LongestSubdomain,
                SubdomainForm().IsMatch(name),
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
                    + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
                    + @"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            ),
            NameRule.Label => (
                LongestLabel,
                LabelForm().IsMatch(name),
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
                    + "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation "
                    + "is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            ),
            _ => (
                LongestLabel,
                ServiceForm().IsMatch(name),
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
                    + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
                    + "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
            ),
        };
        if (name.Length > longest)
        {
            return FieldError.Invalid("metadata.name", name, $"must be no more than {longest} characters");
        }

        return valid ? null : FieldError.Invalid("metadata.name", name, text);
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SubdomainForm();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex LabelForm();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex ServiceForm();
}
