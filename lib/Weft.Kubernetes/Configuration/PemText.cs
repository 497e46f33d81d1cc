namespace Weft.Kubernetes.Configuration;

/// <summary>Certificates or a key in PEM (RFC 7468): the text itself, or the file it is in.</summary>
public sealed record PemText
{
    private readonly string? text;
    private readonly string? path;

    private PemText(string? text, string? path)
    {
        this.text = text;
        this.path = path;
    }

    /// <summary>The text itself.</summary>
    public static PemText Of(string text) => new(text, null);

    /// <summary>The text of a file, which may change.</summary>
    public static PemText File(string path) => new(null, path);

    /// <summary>Whether it is in a file, which may change.</summary>
    internal bool IsFile => path is not null;

    /// <summary>The text, read anew when it is in a file.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read.</exception>
    public string Read()
    {
        try
        {
            return text ?? System.IO.File.ReadAllText(path!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The file's name; never the text, which may be a key.</summary>
    public override string ToString() => path ?? "(inline)";
}
