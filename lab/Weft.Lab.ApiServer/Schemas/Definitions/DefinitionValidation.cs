using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Defaults;

namespace Weft.Lab.ApiServer.Schemas.Definitions;

/// <summary>What a CustomResourceDefinition gets wrong. Here: its group, its names and that its versions agree.</summary>
internal static class DefinitionValidation
{
    public static void Validate(JsonObject definition, JsonObject? old, Findings findings)
    {
        var spec = definition["spec"] as JsonObject ?? [];
        var (group, plural) = (spec["group"].Text() ?? "", spec["names"].At("plural").Text() ?? "");
        if (definition.At("metadata", "name").Text() is { } name && name != $"{plural}.{group}")
        {
            findings.Invalid("metadata.name", name, $"must be spec.names.plural+\".\"+spec.group");
        }
        if (group.Length == 0)
        {
            findings.Required("spec.group");
        }
        else if (Formats.DnsSubdomain(group).ToArray() is { Length: > 0 } problems)
        {
            findings.Invalid("spec.group", group, string.Join(",", problems));
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            findings.Invalid("spec.group", group, "should be a domain with at least one dot");
        }
        findings.OneOf("spec.scope", spec["scope"], true, "Cluster", "Namespaced");
        Names(spec["names"] as JsonObject ?? [], findings);
        var versions = spec["versions"].Objects().ToArray();
        foreach (var (i, version) in versions.Index())
        {
            DefinitionVersion.Validate(version, $"spec.versions[{i}]", findings);
        }
        if (versions.Select(v => v["name"].Text()).Distinct().Count() < versions.Length)
        {
            findings.Invalid("spec.versions", spec["versions"], "must contain unique version names");
        }
        if (versions.Count(v => v["storage"].Flag() == true) != 1)
        {
            findings.Invalid(
                "spec.versions",
                spec["versions"],
                "must have exactly one version marked as storage version"
            );
        }
        if (spec["preserveUnknownFields"].Flag() == true)
        {
            findings.Invalid(
                "spec.preserveUnknownFields",
                true,
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
            );
        }
        if (old is not null)
        {
            findings.Immutable("spec.group", spec["group"], old.At("spec", "group"));
            findings.Immutable("spec.scope", spec["scope"], old.At("spec", "scope"));
            findings.Immutable("spec.names.plural", spec["names"].At("plural"), old.At("spec", "names", "plural"));
            findings.Immutable("spec.names.kind", spec["names"].At("kind"), old.At("spec", "names", "kind"));
        }
    }

    private static void Names(JsonObject names, Findings findings)
    {
        foreach (var field in (string[])["plural", "singular", "kind", "listKind"])
        {
            var value = names[field].Text() ?? "";
            if (value.Length == 0)
            {
                findings.Required($"spec.names.{field}");
                continue;
            }
            var cased = field is "kind" or "listKind";
            if (Formats.Dns1035Label(cased ? value.ToLowerInvariant() : value).ToArray() is { Length: > 0 } problems)
            {
                findings.Invalid(
                    $"spec.names.{field}",
                    value,
                    (cased ? "may have mixed case, but should otherwise match: " : "") + string.Join(",", problems)
                );
            }
        }
        if (names["kind"].Text() is { Length: > 0 } kind && kind == names["listKind"].Text())
        {
            findings.Invalid("spec.names.listKind", kind, "kind and listKind may not be the same");
        }
        foreach (var list in (string[])["shortNames", "categories"])
        {
            foreach (var (i, value) in names[list].Texts().Index())
            {
                findings.Invalid($"spec.names.{list}[{i}]", value, Formats.Dns1035Label(value));
            }
        }
    }
}
