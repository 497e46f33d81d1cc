using System.Text;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Defaults;

/// <summary>The rules of metadata that every kind shares; the grammar of the name is the kind's own.</summary>
internal static class Metadata
{
    private const int MaxAnnotationBytes = 256 * 1024;

    public static void Validate(JsonObject now, JsonObject? old, Findings findings)
    {
        var meta = now["metadata"] as JsonObject ?? [];
        findings.Labels("metadata.labels", meta["labels"]);
        foreach (var (key, _) in meta["annotations"].Members())
        {
            // The case of an annotation's key does not matter.
            findings.Invalid("metadata.annotations", key, Formats.QualifiedName(key.ToLowerInvariant()));
        }
        if (
            meta["annotations"]
                .Members()
                .Sum(m => Encoding.UTF8.GetByteCount(m.Key) + Encoding.UTF8.GetByteCount(m.Value.Text() ?? ""))
            > MaxAnnotationBytes
        )
        {
            findings.Add(FieldError.TooLong("metadata.annotations", MaxAnnotationBytes));
        }
        OwnerReferences(meta["ownerReferences"], findings);
        var finalizers = meta["finalizers"].Texts().ToArray();
        foreach (var finalizer in finalizers)
        {
            findings.Invalid("metadata.finalizers", finalizer, Formats.QualifiedName(finalizer));
        }
        if (finalizers.Contains("orphan") && finalizers.Contains("foregroundDeletion"))
        {
            findings.Invalid(
                "metadata.finalizers",
                meta["finalizers"],
                "finalizer foregroundDeletion and orphan cannot be both set"
            );
        }
        if (old is not null)
        {
            findings.Immutable("metadata.name", meta["name"], old.At("metadata", "name"));
            findings.Immutable("metadata.namespace", meta["namespace"], old.At("metadata", "namespace"));
            findings.Immutable("metadata.uid", meta["uid"], old.At("metadata", "uid"));
            findings.Immutable(
                "metadata.creationTimestamp",
                meta["creationTimestamp"],
                old.At("metadata", "creationTimestamp")
            );
        }
    }

    private static void OwnerReferences(JsonNode? references, Findings findings)
    {
        const string Field = "metadata.ownerReferences";
        string? controller = null;
        foreach (var reference in references.Objects())
        {
            if (reference["apiVersion"].Text() is null or "")
            {
                findings.Invalid($"{Field}.apiVersion", "", "version must not be empty");
            }
            foreach (var name in (string[])["kind", "name", "uid"])
            {
                if (reference[name].Text() is null or "")
                {
                    findings.Invalid($"{Field}.{name}", "", "must not be empty");
                }
            }
            if (reference["apiVersion"].Text() == "v1" && reference["kind"].Text() == "Event")
            {
                findings.Invalid(Field, reference, "/v1, Kind=Event is disallowed from being an owner");
            }
            if (reference["controller"].Flag() == true)
            {
                var own = $"{reference["kind"].Text()}/{reference["name"].Text()}";
                if (controller is not null)
                {
                    findings.Invalid(
                        Field,
                        references,
                        $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {own}"
                    );
                }
                controller ??= own;
            }
        }
    }
}
