using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Defaults;

/// <summary>The specification of a pod, of its own or in a template.</summary>
internal static class PodSpecs
{
    public static void Default(JsonObject spec)
    {
        spec.SetIfAbsent("restartPolicy", "Always");
        spec.SetIfAbsent("terminationGracePeriodSeconds", 30);
        spec.SetIfAbsent("dnsPolicy", "ClusterFirst");
        spec.SetIfAbsent("securityContext", new JsonObject());
        spec.SetIfAbsent("schedulerName", "default-scheduler");
        if (spec["serviceAccountName"].Text() is { Length: > 0 } account)
        {
            // The old name of the field is kept equal to the new one.
            spec["serviceAccount"] = account;
        }
        foreach (var volume in spec["volumes"].Objects())
        {
            DefaultVolume(volume);
        }
        foreach (var container in Containers(spec))
        {
            DefaultContainer(container, spec["hostNetwork"].Flag() == true);
        }
    }

    /// <summary>What a pod has and a template has not.</summary>
    public static void DefaultPod(JsonObject spec)
    {
        spec.SetIfAbsent("enableServiceLinks", true);
        foreach (var container in Containers(spec))
        {
            foreach (var (name, limit) in container["resources"].At("limits").Members())
            {
                container.Child("resources").Child("requests").SetIfAbsent(name, limit?.DeepClone());
            }
        }
    }

    public static void Validate(JsonObject spec, string field, Findings findings)
    {
        var volumes = new HashSet<string>();
        foreach (var (i, volume) in spec["volumes"].Objects().Index())
        {
            var name = volume["name"].Text() ?? "";
            if (name.Length == 0)
            {
                findings.Required($"{field}.volumes[{i}].name");
            }
            else
            {
                findings.Invalid($"{field}.volumes[{i}].name", name, Formats.DnsLabel(name));
                if (!volumes.Add(name))
                {
                    findings.Add(FieldError.Duplicate($"{field}.volumes[{i}].name", name));
                }
            }
        }
        if (spec["containers"] is not JsonArray { Count: > 0 })
        {
            findings.Required($"{field}.containers");
        }
        var names = new HashSet<string>();
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var (i, container) in spec[list].Objects().Index())
            {
                Container(container, $"{field}.{list}[{i}]", names, volumes, findings);
            }
        }
        findings.OneOf($"{field}.restartPolicy", spec["restartPolicy"], true, "Always", "OnFailure", "Never");
        findings.OneOf(
            $"{field}.dnsPolicy",
            spec["dnsPolicy"],
            true,
            "ClusterFirst",
            "ClusterFirstWithHostNet",
            "Default",
            "None"
        );
        findings.Labels($"{field}.nodeSelector", spec["nodeSelector"]);
        if (spec["nodeName"].Text() is { Length: > 0 } node)
        {
            findings.Invalid($"{field}.nodeName", node, Formats.DnsSubdomain(node));
        }
        if (spec["serviceAccountName"].Text() is { Length: > 0 } account)
        {
            findings.Invalid($"{field}.serviceAccountName", account, Formats.DnsSubdomain(account));
        }
        foreach (var name in (string[])["hostname", "subdomain"])
        {
            if (spec[name].Text() is { Length: > 0 } label)
            {
                findings.Invalid($"{field}.{name}", label, Formats.DnsLabel(label));
            }
        }
        if (spec["activeDeadlineSeconds"].Integer() is <= 0)
        {
            findings.Invalid(
                $"{field}.activeDeadlineSeconds",
                spec["activeDeadlineSeconds"],
                "must be between 1 and 2147483647, inclusive"
            );
        }
        foreach (var (i, toleration) in spec["tolerations"].Objects().Index())
        {
            var at = $"{field}.tolerations[{i}]";
            if (toleration["key"].Text() is { Length: > 0 } key)
            {
                findings.Invalid($"{at}.key", key, Formats.QualifiedName(key));
            }
            else if (toleration["operator"].Text() != "Exists")
            {
                findings.Invalid(
                    $"{at}.operator",
                    toleration["operator"] ?? "",
                    "operator must be Exists when `key` is empty, which means \"match all values and all keys\""
                );
            }
            findings.OneOf($"{at}.operator", toleration["operator"], false, "Equal", "Exists");
            findings.OneOf($"{at}.effect", toleration["effect"], false, "NoSchedule", "PreferNoSchedule", "NoExecute");
        }
    }

    /// <summary>A pod's specification stays as it is, apart from a few fields.</summary>
    public static void ValidateUpdate(JsonObject now, JsonObject old, Findings findings)
    {
        var (before, after) = (Comparable(old), Comparable(now));
        // Tolerations may only be added.
        var known = before["tolerations"].Objects().ToArray();
        if (known.All(t => after["tolerations"].Objects().Any(n => JsonNode.DeepEquals(n, t))))
        {
            before.Remove("tolerations");
            after.Remove("tolerations");
        }
        // The scheduler (or its stand-in) binds a pod once.
        if (before["nodeName"].Text() is null or "")
        {
            after.Remove("nodeName");
            before.Remove("nodeName");
        }
        if (!JsonNode.DeepEquals(before, after))
        {
            findings.Forbidden(
                "spec",
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                    + "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n"
                    + $"changed: {string.Join(", ", before.Select(m => m.Key).Union(after.Select(m => m.Key)).Where(name => !JsonNode.DeepEquals(before[name], after[name])))}"
            );
        }

        static JsonObject Comparable(JsonObject spec)
        {
            var copy = spec.DeepClone().AsObject();
            copy.Remove("activeDeadlineSeconds");
            copy.Remove("schedulingGates");
            foreach (var container in Containers(copy))
            {
                container.Remove("image");
            }
            return copy;
        }
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec) =>
        spec["initContainers"]
            .Objects()
            .Concat(spec["containers"].Objects())
            .Concat(spec["ephemeralContainers"].Objects());

    private static void DefaultContainer(JsonObject container, bool hostNetwork)
    {
        container.SetIfAbsent("resources", new JsonObject());
        container.SetIfAbsent("terminationMessagePath", "/dev/termination-log");
        container.SetIfAbsent("terminationMessagePolicy", "File");
        container.SetIfAbsent("imagePullPolicy", IsLatest(container["image"].Text() ?? "") ? "Always" : "IfNotPresent");
        foreach (var port in container["ports"].Objects())
        {
            port.SetIfAbsent("protocol", "TCP");
            if (hostNetwork && port["hostPort"].Integer() is null or 0)
            {
                port["hostPort"] = port["containerPort"]?.DeepClone();
            }
        }
        foreach (
            var source in container["env"].Objects().Select(env => env["valueFrom"].At("fieldRef")).OfType<JsonObject>()
        )
        {
            source.SetIfAbsent("apiVersion", "v1");
        }
        foreach (var name in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container[name] is JsonObject probe)
            {
                probe.SetIfAbsent("timeoutSeconds", 1);
                probe.SetIfAbsent("periodSeconds", 10);
                probe.SetIfAbsent("successThreshold", 1);
                probe.SetIfAbsent("failureThreshold", 3);
                DefaultAction(probe);
            }
        }
        foreach (var hook in container["lifecycle"].Members().Select(m => m.Value).OfType<JsonObject>())
        {
            DefaultAction(hook);
        }
    }

    private static void DefaultAction(JsonObject action)
    {
        if (action["httpGet"] is JsonObject http)
        {
            http.SetIfAbsent("path", "/");
            http.SetIfAbsent("scheme", "HTTP");
        }
        if (action["grpc"] is JsonObject grpc)
        {
            grpc.SetIfAbsent("service", "");
        }
    }

    private static void DefaultVolume(JsonObject volume)
    {
        if (volume.All(member => member.Key == "name" || member.Value is null))
        {
            volume["emptyDir"] = new JsonObject();
        }
        foreach (var source in (string[])["secret", "configMap", "downwardAPI", "projected"])
        {
            (volume[source] as JsonObject)?.SetIfAbsent("defaultMode", 420);
        }
        (volume["hostPath"] as JsonObject)?.SetIfAbsent("type", "");
        foreach (
            var token in volume["projected"]
                .At("sources")
                .Objects()
                .Select(s => s["serviceAccountToken"])
                .OfType<JsonObject>()
        )
        {
            token.SetIfAbsent("expirationSeconds", 3600);
        }
        var items = volume["downwardAPI"]
            .At("items")
            .Objects()
            .Concat(
                volume["projected"].At("sources").Objects().SelectMany(s => s["downwardAPI"].At("items").Objects())
            );
        foreach (var reference in items.Select(item => item["fieldRef"]).OfType<JsonObject>())
        {
            reference.SetIfAbsent("apiVersion", "v1");
        }
    }

    /// <summary>Whether an image without digest has the tag latest, or none.</summary>
    private static bool IsLatest(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return false;
        }
        var name = image[(image.LastIndexOf('/') + 1)..];
        return name.Split(':') is [_] or [_, "latest"];
    }

    private static void Container(
        JsonObject container,
        string field,
        HashSet<string> names,
        HashSet<string> volumes,
        Findings findings
    )
    {
        var name = container["name"].Text() ?? "";
        if (name.Length == 0)
        {
            findings.Required($"{field}.name");
        }
        else
        {
            findings.Invalid($"{field}.name", name, Formats.DnsLabel(name));
            if (!names.Add(name))
            {
                findings.Add(FieldError.Duplicate($"{field}.name", name));
            }
        }
        if (container["image"].Text() is null or "")
        {
            findings.Required($"{field}.image");
        }
        var ports = new HashSet<string>();
        foreach (var (i, port) in container["ports"].Objects().Index())
        {
            var at = $"{field}.ports[{i}]";
            if (port["name"].Text() is { Length: > 0 } portName)
            {
                var problems = Formats.PortName(portName).ToArray();
                findings.Invalid($"{at}.name", portName, problems);
                if (problems.Length == 0 && !ports.Add(portName))
                {
                    findings.Add(FieldError.Duplicate($"{at}.name", portName));
                }
            }
            if (port["containerPort"].Integer() is null or 0)
            {
                findings.Required($"{at}.containerPort");
            }
            else
            {
                findings.Port($"{at}.containerPort", port["containerPort"]);
            }
            if (port["hostPort"].Integer() is not (null or 0))
            {
                findings.Port($"{at}.hostPort", port["hostPort"]);
            }
            findings.OneOf($"{at}.protocol", port["protocol"], true, "SCTP", "TCP", "UDP");
        }
        foreach (var (i, variable) in container["env"].Objects().Index())
        {
            if (variable["name"].Text() is null or "")
            {
                findings.Required($"{field}.env[{i}].name");
            }
            else if (variable["valueFrom"] is not null && variable["value"].Text() is { Length: > 0 })
            {
                findings.Invalid($"{field}.env[{i}].valueFrom", "", "may not be specified when `value` is not empty");
            }
        }
        foreach (var (i, mount) in container["volumeMounts"].Objects().Index())
        {
            var volume = mount["name"].Text() ?? "";
            if (volume.Length == 0)
            {
                findings.Required($"{field}.volumeMounts[{i}].name");
            }
            else if (!volumes.Contains(volume))
            {
                findings.Add(
                    new FieldError("FieldValueNotFound", $"{field}.volumeMounts[{i}].name", $"Not found: \"{volume}\"")
                );
            }
            if (mount["mountPath"].Text() is null or "")
            {
                findings.Required($"{field}.volumeMounts[{i}].mountPath");
            }
        }
        foreach (var name2 in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container[name2] is JsonObject probe)
            {
                Probe(probe, name2, $"{field}.{name2}", findings);
            }
        }
        findings.OneOf(
            $"{field}.imagePullPolicy",
            container["imagePullPolicy"],
            true,
            "Always",
            "IfNotPresent",
            "Never"
        );
    }

    private static void Probe(JsonObject probe, string kind, string field, Findings findings)
    {
        var actions = ((string[])["exec", "httpGet", "tcpSocket", "grpc"])
            .Where(name => probe[name] is JsonObject)
            .ToArray();
        if (actions.Length == 0)
        {
            findings.Required(field, "must specify a handler type");
        }
        foreach (var extra in actions.Skip(1))
        {
            findings.Forbidden($"{field}.{extra}", "may not specify more than 1 handler type");
        }
        if (actions.FirstOrDefault() is "httpGet" or "tcpSocket" or "grpc")
        {
            findings.Port($"{field}.{actions[0]}.port", probe[actions[0]].At("port"));
        }
        foreach (
            var name in (string[])
                ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
        )
        {
            findings.NonNegative($"{field}.{name}", probe[name]);
        }
        if (kind != "readinessProbe" && probe["successThreshold"].Integer() is not (null or 1))
        {
            findings.Invalid($"{field}.successThreshold", probe["successThreshold"], "must be 1");
        }
    }
}
