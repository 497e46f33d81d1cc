using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;
using Weft.Lab.ApiServer.Schemas.Definitions;

namespace Weft.Lab.ApiServer.Defaults;

/// <summary>The defaults and the rules of the built-in kinds, as far as Weft depends on them.</summary>
public static class BuiltIn
{
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    /// <summary>Sets the fields the document leaves to the server, in place, and gives it the shape of its kind's type.</summary>
    public static void Default(JsonObject doc)
    {
        var schema = KindSchema.OfBuiltIn(doc["apiVersion"].Text() ?? "", doc["kind"].Text() ?? "");
        Zeroes.Normalize(doc, schema);
        switch (doc["kind"].Text())
        {
            case "Namespace":
                if (doc.At("metadata", "name").Text() is { Length: > 0 } name)
                {
                    doc.Child("metadata").Child("labels")["kubernetes.io/metadata.name"] = name;
                }
                if (doc["spec"].At("finalizers") is null && doc.At("metadata", "deletionTimestamp") is null)
                {
                    doc.Child("spec")["finalizers"] = new JsonArray("kubernetes");
                }
                doc.Child("status").SetIfAbsent("phase", "Active");
                break;
            case "Node" when doc["status"].At("capacity") is { } capacity:
                doc.Child("status").SetIfAbsent("allocatable", capacity.DeepClone());
                break;
            case "Pod":
                PodSpecs.Default(doc.Child("spec"));
                PodSpecs.DefaultPod(doc.Child("spec"));
                doc.Child("status").SetIfAbsent("phase", "Pending");
                break;
            case "Service":
                Services.Default(doc);
                break;
            case "Endpoints":
                foreach (var port in doc["subsets"].Objects().SelectMany(subset => subset["ports"].Objects()))
                {
                    port.SetIfAbsent("protocol", "TCP");
                }
                break;
            case "EndpointSlice":
                EndpointSlices.Default(doc);
                break;
            case "Secret":
                Secret(doc);
                break;
            case "NetworkPolicy":
                NetworkPolicies.Default(doc);
                break;
            case "Deployment" or "ReplicaSet" or "DaemonSet" when doc["apiVersion"].Text() == "apps/v1":
                Workloads.Default(doc, doc["kind"].Text()!);
                break;
            case "CustomResourceDefinition":
                Definition(doc);
                break;
        }
        // The defaults may have made objects that hold others by value.
        Zeroes.Normalize(doc, schema);
    }

    /// <summary>What is wrong with a defaulted document; the name's grammar is checked apart.</summary>
    /// <param name="now">The new document.</param>
    /// <param name="old">What it replaces; null when it is created.</param>
    public static IReadOnlyList<FieldError> Validate(JsonObject now, JsonObject? old)
    {
        var findings = new Findings();
        Metadata.Validate(now, old, findings);
        switch (now["kind"].Text())
        {
            case "Node":
                Node(now, old, findings);
                break;
            case "Pod":
                PodSpecs.Validate(now["spec"] as JsonObject ?? [], "spec", findings);
                if (old is not null)
                {
                    PodSpecs.ValidateUpdate(now["spec"] as JsonObject ?? [], old["spec"] as JsonObject ?? [], findings);
                }
                break;
            case "Service":
                Services.Validate(now, old, findings);
                break;
            case "Endpoints":
                foreach (var (i, subset) in now["subsets"].Objects().Index())
                {
                    foreach (var (j, port) in subset["ports"].Objects().Index())
                    {
                        findings.Port($"subsets[{i}].ports[{j}].port", port["port"]);
                        findings.OneOf($"subsets[{i}].ports[{j}].protocol", port["protocol"], true, Protocols);
                    }
                }
                break;
            case "EndpointSlice":
                EndpointSlices.Validate(now, old, findings);
                break;
            case "ConfigMap" or "Secret":
                KeysAndValues(now, old, findings);
                break;
            case "Event":
                if (
                    now.At("metadata", "namespace").Text()
                    != (now["involvedObject"].At("namespace").Text() is { Length: > 0 } ns ? ns : "default")
                )
                {
                    findings.Invalid(
                        "involvedObject.namespace",
                        now["involvedObject"].At("namespace") ?? "",
                        "does not match event.namespace"
                    );
                }
                break;
            case "NetworkPolicy":
                NetworkPolicies.Validate(now, old, findings);
                break;
            case "Deployment" or "ReplicaSet" or "DaemonSet" when now["apiVersion"].Text() == "apps/v1":
                Workloads.Validate(now, old, now["kind"].Text()!, findings);
                break;
            case "CustomResourceDefinition":
                DefinitionValidation.Validate(now, old, findings);
                break;
            case "Lease":
                if (now["spec"].At("leaseDurationSeconds") is { } duration && duration.Integer() <= 0)
                {
                    findings.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0");
                }
                findings.NonNegative("spec.leaseTransitions", now["spec"].At("leaseTransitions"));
                break;
        }
        return findings;
    }

    private static void Secret(JsonObject secret)
    {
        secret.SetIfAbsent("type", "Opaque");
        // stringData is how a client writes data without base64; it is never read back.
        foreach (var (key, value) in secret["stringData"].Members().ToArray())
        {
            secret.Child("data")[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value.Text() ?? ""));
        }
        secret.Remove("stringData");
    }

    private static void Definition(JsonObject definition)
    {
        var spec = definition.Child("spec");
        var names = spec.Child("names");
        if (names["kind"].Text() is { Length: > 0 } kind)
        {
            names.SetIfAbsent("singular", kind.ToLowerInvariant());
            names.SetIfAbsent("listKind", kind + "List");
        }
        spec.Child("conversion").SetIfAbsent("strategy", "None");
    }

    private static void Node(JsonObject node, JsonObject? old, Findings findings)
    {
        var cidrs = node["spec"].At("podCIDRs").Texts().ToArray();
        foreach (var (i, cidr) in cidrs.Index())
        {
            findings.Invalid($"spec.podCIDRs[{i}]", cidr, Formats.Cidr(cidr));
        }
        if (
            old is not null
            && old["spec"].At("podCIDRs") is JsonArray { Count: > 0 } before
            && !before.Texts().SequenceEqual(cidrs)
        )
        {
            findings.Forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
        }
        foreach (var (i, taint) in node["spec"].At("taints").Objects().Index())
        {
            findings.Invalid(
                $"spec.taints[{i}].key",
                taint["key"].Text() ?? "",
                Formats.QualifiedName(taint["key"].Text() ?? "")
            );
            findings.OneOf(
                $"spec.taints[{i}].effect",
                taint["effect"],
                true,
                "NoSchedule",
                "PreferNoSchedule",
                "NoExecute"
            );
        }
    }

    private static void KeysAndValues(JsonObject now, JsonObject? old, Findings findings)
    {
        foreach (var field in (string[])["data", "binaryData"])
        {
            foreach (var (key, _) in now[field].Members())
            {
                findings.Invalid($"{field}[{key}]", key, Formats.ConfigKey(key));
            }
        }
        if (old?["immutable"].Flag() != true)
        {
            return;
        }
        if (now["immutable"].Flag() != true)
        {
            findings.Forbidden("immutable", "field is immutable when `immutable` is set");
        }
        foreach (var field in (string[])["data", "binaryData"])
        {
            if (!JsonNode.DeepEquals(now[field], old[field]))
            {
                findings.Forbidden(field, "field is immutable when `immutable` is set");
            }
        }
    }
}
