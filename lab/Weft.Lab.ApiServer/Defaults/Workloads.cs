using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Defaults;

/// <summary>apps/v1 Deployment, ReplicaSet and DaemonSet.</summary>
internal static class Workloads
{
    public static void Default(JsonObject workload, string kind)
    {
        var spec = workload.Child("spec");
        PodSpecs.Default(spec.Child("template").Child("spec"));
        switch (kind)
        {
            case "Deployment":
                spec.SetIfAbsent("replicas", 1);
                var strategy = spec.Child("strategy");
                strategy.SetIfAbsent("type", "RollingUpdate");
                if (strategy["type"].Text() == "RollingUpdate")
                {
                    strategy.Child("rollingUpdate").SetIfAbsent("maxUnavailable", "25%");
                    strategy.Child("rollingUpdate").SetIfAbsent("maxSurge", "25%");
                }
                spec.SetIfAbsent("revisionHistoryLimit", 10);
                spec.SetIfAbsent("progressDeadlineSeconds", 600);
                break;
            case "ReplicaSet":
                spec.SetIfAbsent("replicas", 1);
                break;
            case "DaemonSet":
                var update = spec.Child("updateStrategy");
                update.SetIfAbsent("type", "RollingUpdate");
                if (update["type"].Text() == "RollingUpdate")
                {
                    update.Child("rollingUpdate").SetIfAbsent("maxUnavailable", 1);
                    update.Child("rollingUpdate").SetIfAbsent("maxSurge", 0);
                }
                spec.SetIfAbsent("revisionHistoryLimit", 10);
                break;
        }
    }

    public static void Validate(JsonObject workload, JsonObject? old, string kind, Findings findings)
    {
        var spec = workload["spec"] as JsonObject ?? [];
        findings.NonNegative("spec.replicas", spec["replicas"]);
        var selector = spec["selector"] as JsonObject;
        if (selector is null)
        {
            findings.Required("spec.selector");
        }
        else
        {
            findings.LabelSelector("spec.selector", selector);
            if (IsEmpty(selector))
            {
                findings.Invalid("spec.selector", selector, $"empty selector is invalid for {kind.ToLowerInvariant()}");
            }
        }
        var template = spec["template"] as JsonObject ?? [];
        var labels = template.At("metadata", "labels") as JsonObject ?? [];
        if (selector is not null && !IsEmpty(selector) && !Matches(selector, labels))
        {
            findings.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }
        findings.Labels("spec.template.labels", labels);
        var pod = template["spec"] as JsonObject ?? [];
        PodSpecs.Validate(pod, "spec.template.spec", findings);
        if (pod["restartPolicy"].Text() is "OnFailure" or "Never")
        {
            findings.Add(FieldError.NotSupported("spec.template.spec.restartPolicy", pod["restartPolicy"], "Always"));
        }
        if (pod["activeDeadlineSeconds"] is not null)
        {
            findings.Forbidden(
                "spec.template.spec.activeDeadlineSeconds",
                $"activeDeadlineSeconds in {(kind == "DaemonSet" ? "DaemonSet" : "ReplicaSet")} is not Supported"
            );
        }
        if (kind == "Deployment")
        {
            findings.OneOf("spec.strategy.type", spec["strategy"].At("type"), true, "Recreate", "RollingUpdate");
            if (spec["strategy"].At("type").Text() == "Recreate" && spec["strategy"].At("rollingUpdate") is not null)
            {
                findings.Forbidden(
                    "spec.strategy.rollingUpdate",
                    "may not be specified when strategy `type` is 'Recreate'"
                );
            }
            if (spec["progressDeadlineSeconds"].Integer() <= (spec["minReadySeconds"].Integer() ?? 0))
            {
                findings.Invalid(
                    "spec.progressDeadlineSeconds",
                    spec["progressDeadlineSeconds"],
                    "must be greater than minReadySeconds"
                );
            }
        }
        findings.NonNegative("spec.minReadySeconds", spec["minReadySeconds"]);
        findings.NonNegative("spec.revisionHistoryLimit", spec["revisionHistoryLimit"]);
        if (old is not null)
        {
            findings.Immutable("spec.selector", selector, old.At("spec", "selector"));
        }
    }

    private static bool IsEmpty(JsonObject selector) =>
        selector["matchLabels"] is not JsonObject { Count: > 0 }
        && selector["matchExpressions"] is not JsonArray { Count: > 0 };

    private static bool Matches(JsonObject selector, JsonObject labels) =>
        selector["matchLabels"].Members().All(m => labels[m.Key].Text() == m.Value.Text())
        && selector["matchExpressions"]
            .Objects()
            .All(requirement =>
            {
                var value = labels[requirement["key"].Text() ?? ""].Text();
                return requirement["operator"].Text() switch
                {
                    "In" => value is not null && requirement["values"].Texts().Contains(value),
                    "NotIn" => value is null || !requirement["values"].Texts().Contains(value),
                    "Exists" => value is not null,
                    "DoesNotExist" => value is null,
                    _ => true,
                };
            });
}
