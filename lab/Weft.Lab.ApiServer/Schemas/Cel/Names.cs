namespace Weft.Lab.ApiServer.Schemas.Cel;

/// <summary>How field names that are no identifiers are written in expressions.</summary>
internal static class Names
{
    /// <summary>a__dash__b is a-b, __namespace__ is the keyword namespace.</summary>
    public static string Unescape(string name)
    {
        var plain = name.Replace("__dot__", ".", StringComparison.Ordinal)
            .Replace("__dash__", "-", StringComparison.Ordinal)
            .Replace("__slash__", "/", StringComparison.Ordinal)
            .Replace("__underscores__", "__", StringComparison.Ordinal);
        return plain is ['_', '_', _, .., '_', '_'] ? plain[2..^2] : plain;
    }
}
