using System.Globalization;
using Microsoft.AspNetCore.Http;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Registry;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Http;

/// <summary>A request for a resource, with what its query and headers say.</summary>
internal sealed record Request(
    HttpContext Context,
    Kind Kind,
    ResourcePath Path,
    Representation Representation,
    DateTimeOffset Now
)
{
    public string? Namespace => Path.Namespace;

    public string Name => Path.Name!;

    /// <summary>Null when it is missing; the empty text when it is empty.</summary>
    public string? Query(string name) =>
        Context.Request.Query.TryGetValue(name, out var value) ? value[^1] ?? "" : null;

    public bool Flag(string name) => Query(name) is { } text && text is not ("" or "0" or "false");

    /// <exception cref="StatusException">It is no number.</exception>
    public long? Number(string name) =>
        Query(name) is not { Length: > 0 } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Failures.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");

    /// <summary>Null when none is asked for.</summary>
    /// <exception cref="StatusException">It is no number.</exception>
    public long? ResourceVersion =>
        Query("resourceVersion") is not { Length: > 0 } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Failures.BadResourceVersion(text);

    /// <summary>How a write is to be done. The manager is who the client says it is, by field or by its agent's name.</summary>
    public WriteOptions WriteOptions() =>
        new(
            Query("fieldManager") is { Length: > 0 } manager ? manager : AgentName(),
            Query("dryRun") switch
            {
                null or "" => false,
                "All" => true,
                var other => throw Failures.Invalid(
                    new("meta.k8s.io", "v1", "", "CreateOptions", false),
                    "",
                    [Schemas.FieldError.NotSupported("dryRun", other, "All")]
                ),
            },
            Query("fieldValidation") switch
            {
                "Strict" => FieldValidation.Strict,
                "Ignore" => FieldValidation.Ignore,
                _ => FieldValidation.Warn,
            },
            Flag("force")
        );

    private string AgentName()
    {
        var agent = Context.Request.Headers.UserAgent.ToString().Split('/')[0];
        return agent.Length == 0 ? "unknown" : agent;
    }
}
