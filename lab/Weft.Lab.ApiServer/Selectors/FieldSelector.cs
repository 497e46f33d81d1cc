using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Statuses;
using Weft.Lab.ApiServer.Store;

namespace Weft.Lab.ApiServer.Selectors;

/// <summary>A field selector: `metadata.name=a,status.phase!=Running`. Which fields there are is the kind's.</summary>
internal sealed class FieldSelector
{
    private readonly List<Term> terms;

    private FieldSelector(List<Term> terms) => this.terms = terms;

    public static FieldSelector Everything { get; } = new([]);

    public bool IsEverything => terms.Count == 0;

    /// <summary>The one name that can match, or null when others can too.</summary>
    public string? Name => terms.FirstOrDefault(term => term is { Path: "metadata.name", Equal: true })?.Value;

    public bool Matches(StoredObject stored)
    {
        foreach (var term in terms)
        {
            var value = term.Path switch
            {
                "metadata.name" => stored.Name,
                "metadata.namespace" => stored.Namespace ?? "",
                _ => stored.Field(term.Path),
            };
            if (term.Equal != (value == term.Value))
            {
                return false;
            }
        }

        return true;
    }

    /// <exception cref="StatusException">It cannot be parsed, or the kind has no such field.</exception>
    public static FieldSelector Parse(string? text, Kind kind)
    {
        if (string.IsNullOrEmpty(text))
        {
            return Everything;
        }

        return new([.. text.Split(',').Where(part => part.Length > 0).Select(part => TermOf(part, kind))]);
    }

    private static Term TermOf(string text, Kind kind)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        if (at < 0)
        {
            throw Failures.BadRequest($"invalid selector: '{text}'; can't understand '{text}'");
        }

        var equal = at == 0 || text[at - 1] != '!';
        var label = text[..(equal ? at : at - 1)];
        var value = text[(at + 1)..];
        if (value.StartsWith('='))
        {
            value = value[1..];
        }

        return new(PathOf(label, kind), equal, value);
    }

    private static string PathOf(string label, Kind kind)
    {
        if (label is "metadata.name" or "metadata.namespace")
        {
            return label;
        }

        if (kind.SelectableFields.TryGetValue(label, out var path))
        {
            return path;
        }

        throw Failures.BadRequest(
            kind.SelectableFields.Count > 0 || kind.IsCustom
                ? $"field label not supported: {label}"
                : $"\"{label}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
        );
    }

    private sealed record Term(string Path, bool Equal, string Value);
}
