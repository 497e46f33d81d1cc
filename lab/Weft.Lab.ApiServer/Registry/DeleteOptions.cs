using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Registry;

/// <summary>What becomes of what the deleted object owns.</summary>
internal enum Propagation
{
    /// <summary>Deleted after it.</summary>
    Background,

    /// <summary>Deleted before it; it stays, being deleted, until those that block it are gone.</summary>
    Foreground,

    /// <summary>Stays, without this owner.</summary>
    Orphan,
}

/// <summary>metav1.DeleteOptions, from a body or a query.</summary>
internal sealed record DeleteOptions(
    Propagation Propagation = Propagation.Background,
    long? GracePeriodSeconds = null,
    string? Uid = null,
    string? ResourceVersion = null,
    bool DryRun = false
)
{
    /// <exception cref="StatusException">It says what there is not.</exception>
    public static DeleteOptions Of(JsonObject? body, Func<string, string?> query)
    {
        var preconditions = body?["preconditions"] as JsonObject;
        var propagation = body?["propagationPolicy"].Text() ?? query("propagationPolicy");
        var grace = body?["gracePeriodSeconds"].Integer() ?? Seconds(query("gracePeriodSeconds"));
        var orphan = (body?["orphanDependents"]).Flag() == true || query("orphanDependents") == "true";
        return new(
            propagation switch
            {
                null or "" => orphan ? Propagation.Orphan : Propagation.Background,
                "Background" => Propagation.Background,
                "Foreground" => Propagation.Foreground,
                "Orphan" => Propagation.Orphan,
                _ => throw InvalidPropagation(propagation),
            },
            grace,
            preconditions?["uid"].Text(),
            preconditions?["resourceVersion"].Text(),
            (body?["dryRun"]).Texts().Contains("All") || query("dryRun") == "All"
        );
    }

    private static long? Seconds(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : long.TryParse(text, out var seconds) ? seconds
        : throw Failures.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");

    private static StatusException InvalidPropagation(string propagation)
    {
        var cause = FieldError.NotSupported(
            "propagationPolicy",
            propagation,
            "Foreground",
            "Background",
            "Orphan",
            "nil"
        );
        return Failures.Invalid(new("meta.k8s.io", "v1", "", "DeleteOptions", false), "", [cause]);
    }
}
