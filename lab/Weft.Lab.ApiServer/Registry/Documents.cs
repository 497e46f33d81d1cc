using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Defaults;
using Weft.Lab.ApiServer.Kinds;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Statuses;

namespace Weft.Lab.ApiServer.Registry;

/// <summary>What happens to every document on its way into the store, whatever brought it.</summary>
internal static class Documents
{
    /// <summary>Checks that it is of the kind, and drops (or refuses) what the kind does not have.</summary>
    /// <exception cref="StatusException">It is of another kind, or has unknown fields and these are refused.</exception>
    public static void Decode(Kind kind, JsonObject document, WriteOptions options)
    {
        var (apiVersion, name) = (document["apiVersion"].Text(), document["kind"].Text());
        if (name is not null && name != kind.Name || apiVersion is not null && apiVersion != kind.ApiVersion)
        {
            throw Failures.BadRequest(
                $"{name} in version \"{VersionOf(apiVersion)}\" cannot be handled as a {kind.Name}: "
                    + $"the API version in the data ({apiVersion ?? ""}) does not match the expected API version ({kind.ApiVersion})"
            );
        }

        document["apiVersion"] = kind.ApiVersion;
        document["kind"] = kind.Name;
        if (document["metadata"] is not JsonObject metadata)
        {
            document["metadata"] = metadata = [];
        }

        if (kind.Schema is { } schema)
        {
            Prune(kind, document, schema, options);
        }

        foreach (var empty in metadata.Where(field => field.Value is null).Select(field => field.Key).ToList())
        {
            metadata.Remove(empty);
        }
    }

    private static void Prune(Kind kind, JsonObject document, KindSchema schema, WriteOptions options)
    {
        var wrong = $"{kind.Name} in version \"{kind.Version}\" cannot be handled as a {kind.Name}";
        if (!kind.IsCustom && Decoding.TypeError(document, schema) is { } error)
        {
            throw Failures.BadRequest($"{wrong}: {error}");
        }

        var unknown = Pruning.Prune(document, schema);
        if (unknown.Count > 0 && options.Validation == FieldValidation.Strict)
        {
            throw Failures.BadRequest($"{wrong}: {Pruning.StrictError(unknown)}");
        }

        if (options.Validation == FieldValidation.Warn)
        {
            options.Warnings.AddRange(unknown.Select(field => $"unknown field \"{field}\""));
        }
    }

    /// <summary>Sets what the document leaves to the server, in place.</summary>
    public static void Default(Kind kind, JsonObject document)
    {
        if (!kind.IsCustom)
        {
            BuiltIn.Default(document);
        }
        else if (kind.Schema is { } schema)
        {
            Defaulting.Apply(document, schema);
        }
    }

    /// <exception cref="StatusException">It is not valid; all that is wrong is in the causes.</exception>
    public static void Validate(Kind kind, JsonObject document, JsonObject? old)
    {
        var name = document["metadata"]!["name"].Text() ?? "";
        List<FieldError> causes = [];
        if (old is null && Names.Check(kind.NameRule, name) is { } wrong)
        {
            causes.Add(wrong);
        }

        if (!kind.IsCustom)
        {
            causes.AddRange(BuiltIn.Validate(document, old));
        }
        else if (kind.Schema is { } schema)
        {
            causes.AddRange(Validation.Validate(document, old, schema));
        }

        if (causes.Count > 0)
        {
            throw Failures.Invalid(kind, name, causes);
        }
    }

    private static string VersionOf(string? apiVersion) => apiVersion?[(apiVersion.IndexOf('/') + 1)..] ?? "";
}
