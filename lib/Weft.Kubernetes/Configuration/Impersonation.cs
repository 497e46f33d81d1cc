namespace Weft.Kubernetes.Configuration;

/// <summary>Whom requests act as, where the server allows it.</summary>
/// <param name="User">User.</param>
/// <param name="Uid">Uid of the user, or null.</param>
/// <param name="Groups">Groups of the user.</param>
/// <param name="Extra">Further attributes.</param>
public sealed record Impersonation(
    string User,
    string? Uid,
    IReadOnlyList<string> Groups,
    IReadOnlyList<(string Key, string Value)> Extra
)
{
    internal void AddTo(HttpRequestMessage request)
    {
        request.Headers.TryAddWithoutValidation("Impersonate-User", User);
        if (Uid is not null)
        {
            request.Headers.TryAddWithoutValidation("Impersonate-Uid", Uid);
        }

        foreach (var group in Groups)
        {
            request.Headers.TryAddWithoutValidation("Impersonate-Group", group);
        }

        foreach (var (key, value) in Extra)
        {
            // The server takes keys in lower case, and percent-encoded where a header's name could not have them.
            request.Headers.TryAddWithoutValidation($"Impersonate-Extra-{Uri.EscapeDataString(key)}", value);
        }
    }
}
