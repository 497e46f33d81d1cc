namespace Weft.Lab.ApiServer.Http;

/// <summary>What a path below /api or /apis names.</summary>
/// <param name="Group">API group; empty for the core one.</param>
/// <param name="Version">API version.</param>
/// <param name="Namespace">Null for cluster-scoped kinds and for all namespaces.</param>
/// <param name="Plural">The resource.</param>
/// <param name="Name">One object, or null for the collection.</param>
/// <param name="Subresource">A part of that object, or null.</param>
internal sealed record ResourcePath(
    string Group,
    string Version,
    string? Namespace,
    string Plural,
    string? Name,
    string? Subresource
)
{
    /// <summary>The parts below a version, or null when the path does not have the form of a resource.</summary>
    public static ResourcePath? Parse(string group, string version, ReadOnlySpan<string> rest) =>
        rest switch
        {
            // A namespace is an object itself; what else is below it is in it.
            ["namespaces", var name, ("status" or "finalize") and var sub] => new(
                group,
                version,
                null,
                "namespaces",
                name,
                sub
            ),
            ["namespaces", var ns, var plural] => new(group, version, ns, plural, null, null),
            ["namespaces", var ns, var plural, var name] => new(group, version, ns, plural, name, null),
            ["namespaces", var ns, var plural, var name, var sub] => new(group, version, ns, plural, name, sub),
            [var plural] => new(group, version, null, plural, null, null),
            [var plural, var name] => new(group, version, null, plural, name, null),
            [var plural, var name, var sub] => new(group, version, null, plural, name, sub),
            _ => null,
        };
}
