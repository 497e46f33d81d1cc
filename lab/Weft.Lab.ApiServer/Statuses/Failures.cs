using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Patches;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Statuses;

/// <summary>The failures there are, in the words of the real server.</summary>
internal static class Failures
{
    public static StatusException NotFound(Kind kind, string name) =>
        Of(404, "NotFound", $"{kind.QualifiedPlural} \"{name}\" not found", About(kind, name));

    public static StatusException NotFoundNamespace(string name) =>
        Of(404, "NotFound", $"namespaces \"{name}\" not found", new() { ["name"] = name, ["kind"] = "namespaces" });

    public static StatusException UnknownResource() =>
        Of(404, "NotFound", "the server could not find the requested resource", []);

    public static StatusException MethodNotAllowed() =>
        Of(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static StatusException AlreadyExists(Kind kind, string name) =>
        Of(409, "AlreadyExists", $"{kind.QualifiedPlural} \"{name}\" already exists", About(kind, name));

    public static StatusException GeneratedNameTaken(Kind kind, string name) =>
        Of(
            409,
            "AlreadyExists",
            $"{kind.QualifiedPlural} \"{name}\" already exists, the server was not able to generate a unique name for the object",
            About(kind, name, retryAfterSeconds: 1)
        );

    public static StatusException Modified(Kind kind, string name) =>
        Conflict(
            kind,
            name,
            "the object has been modified; please apply your changes to the latest version and try again"
        );

    public static StatusException Conflict(Kind kind, string name, string message) =>
        Of(
            409,
            "Conflict",
            $"Operation cannot be fulfilled on {kind.QualifiedPlural} \"{name}\": {message}",
            About(kind, name)
        );

    /// <summary>The real server names the kind, not the resource, when a deletion's precondition fails.</summary>
    public static StatusException PreconditionFailed(Kind kind, string name, string message)
    {
        var details = About(kind, name);
        details["kind"] = kind.Name;
        return Of(
            409,
            "Conflict",
            $"Operation cannot be fulfilled on {kind.QualifiedName} \"{name}\": {message}",
            details
        );
    }

    public static StatusException Invalid(Kind kind, string name, IReadOnlyList<FieldError> causes)
    {
        var details = About(kind, name);
        details["kind"] = kind.Name;
        details["causes"] = Causes(causes);
        return Of(422, "Invalid", FieldError.Summary(kind.QualifiedName, name, causes), details);
    }

    public static StatusException Invalid(Kind kind, string name, string field, string message) =>
        Invalid(kind, name, [FieldError.Invalid(field, message)]);

    public static StatusException ApplyConflict(ApplyResult result) =>
        Of(409, "Conflict", result.Message, new() { ["causes"] = Causes(result.Causes) });

    public static StatusException Of(PatchException refused) => Of(refused.Code, refused.Reason, refused.Message, null);

    public static StatusException BadRequest(string message) => Of(400, "BadRequest", message, null);

    public static StatusException NamespaceTerminating(Kind kind, string name, string ns)
    {
        var message = $"unable to create new content in namespace {ns} because it is being terminated";
        var details = About(kind, name);
        details["causes"] = Causes([
            new("NamespaceTerminating", "metadata.namespace", $"namespace {ns} is being terminated"),
        ]);
        return Of(403, "Forbidden", $"{kind.QualifiedPlural} \"{name}\" is forbidden: {message}", details);
    }

    public static StatusException Forbidden(Kind kind, string name, string message) =>
        Of(403, "Forbidden", $"{kind.QualifiedPlural} \"{name}\" is forbidden: {message}", About(kind, name));

    public static StatusException Unauthorized() => Of(401, "Unauthorized", "Unauthorized", null);

    public static StatusException NotAcceptable(string accepted) =>
        Of(406, "NotAcceptable", $"only the following media types are accepted: {accepted}", null);

    public static StatusException UnsupportedMediaType() =>
        Of(415, "UnsupportedMediaType", "415: Unsupported Media Type", []);

    public static StatusException UnsupportedMediaType(string accepted) =>
        Of(
            415,
            "UnsupportedMediaType",
            $"the body of the request was in an unknown format - accepted media types include: {accepted}",
            null
        );

    public static StatusException TooLarge(long limit) =>
        Of(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}", null);

    public static StatusException TooOld(long asked, long oldest) =>
        Of(410, "Expired", $"too old resource version: {asked} ({oldest})", null);

    public static StatusException ContinueExpired() =>
        Of(
            410,
            "Expired",
            "The provided continue parameter is too old to display a consistent list result. "
                + "You must start a new list without the continue parameter.",
            null
        );

    public static StatusException FutureResourceVersion(long asked, long current) =>
        Of(
            504,
            "Timeout",
            $"Timeout: Too large resource version: {asked}, current: {current}",
            new()
            {
                ["causes"] = new JsonArray(
                    new JsonObject
                    {
                        ["reason"] = "ResourceVersionTooLarge",
                        ["message"] = "Too large resource version",
                    }
                ),
                ["retryAfterSeconds"] = 1,
            }
        );

    /// <summary>The real server has no reason for this one.</summary>
    public static StatusException BadResourceVersion(string text) =>
        Of(
            500,
            null,
            $"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax",
            null
        );

    public static StatusException Internal(string message) =>
        Of(500, "InternalError", $"Internal error occurred: {message}", Causing(message));

    public static StatusException Of(int code, string? reason, string message, JsonObject? details)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = message,
        };
        if (reason is not null)
        {
            status["reason"] = reason;
        }

        if (details is not null)
        {
            status["details"] = details;
        }

        status["code"] = code;
        return new(status);
    }

    private static JsonObject Causing(string message) =>
        new() { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) };

    private static JsonArray Causes(IEnumerable<FieldError> causes) =>
        [
            .. causes.Select(
                JsonNode (cause) =>
                    new JsonObject
                    {
                        ["reason"] = cause.Reason,
                        ["message"] = cause.Message,
                        ["field"] = cause.Field,
                    }
            ),
        ];

    /// <summary>What a failure is about. A field without a value is left out, as everywhere.</summary>
    private static JsonObject About(Kind kind, string name, int? retryAfterSeconds = null)
    {
        var details = new JsonObject();
        if (name.Length > 0)
        {
            details["name"] = name;
        }

        if (kind.Group.Length > 0)
        {
            details["group"] = kind.Group;
        }

        details["kind"] = kind.Plural;
        if (retryAfterSeconds is { } seconds)
        {
            details["retryAfterSeconds"] = seconds;
        }

        return details;
    }
}
