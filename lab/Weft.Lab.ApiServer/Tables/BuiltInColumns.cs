using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Tables;

/// <summary>The columns of the built-in kinds.</summary>
internal static class BuiltInColumns
{
    private const int Shown = 3;

    public static readonly Column Name = new("Name", "string", 0, (doc, _) => doc.At("metadata", "name")?.DeepClone())
    {
        Format = "name",
    };

    public static readonly Column Age = new(
        "Age",
        "string",
        0,
        (doc, now) => Tables.Age.Of(doc.At("metadata", "creationTimestamp"), now)
    );

    private static readonly Column[] Template =
    [
        new(
            "Containers",
            "string",
            1,
            (doc, _) =>
                Join(doc.At("spec", "template", "spec", "containers").Objects().Select(c => c["name"].Text() ?? ""))
        ),
        new(
            "Images",
            "string",
            1,
            (doc, _) =>
                Join(doc.At("spec", "template", "spec", "containers").Objects().Select(c => c["image"].Text() ?? ""))
        ),
        new("Selector", "string", 1, (doc, _) => Selector(doc.At("spec", "selector"))),
    ];

    private static readonly Dictionary<(string, string), Column[]> Kinds = new()
    {
        [("v1", "Namespace")] = [Name, new("Status", "string", 0, (doc, _) => Text(doc.At("status", "phase"))), Age],
        [("v1", "Node")] =
        [
            Name,
            new("Status", "string", 0, (doc, _) => NodeStatus(doc)),
            new("Roles", "string", 0, (doc, _) => Roles(doc)),
            Age,
            new("Version", "string", 0, (doc, _) => Text(NodeInfo(doc, "kubeletVersion"))),
            new("Internal-IP", "string", 1, (doc, _) => NodeAddress(doc, "InternalIP")),
            new("External-IP", "string", 1, (doc, _) => NodeAddress(doc, "ExternalIP")),
            new("OS-Image", "string", 1, (doc, _) => OrUnknown(NodeInfo(doc, "osImage"))),
            new(
                "Kernel-Version",
                "string",
                1,
                (doc, _) =>
                    OrUnknown(NodeInfo(doc, "kernelVersion"))
                    + (NodeInfo(doc, "architecture").Text() is { Length: > 0 } architecture ? $" ({architecture})" : "")
            ),
            new("Container-Runtime", "string", 1, (doc, _) => OrUnknown(NodeInfo(doc, "containerRuntimeVersion"))),
        ],
        [("v1", "Pod")] = PodColumns.All(),
        [("v1", "Service")] =
        [
            Name,
            new("Type", "string", 0, (doc, _) => Text(doc.At("spec", "type"))),
            new(
                "Cluster-IP",
                "string",
                0,
                (doc, _) => OrNone(doc.At("spec", "clusterIPs") is JsonArray { Count: > 0 } ips ? ips[0] : null)
            ),
            new("External-IP", "string", 0, (doc, _) => ExternalIp(doc)),
            new("Port(s)", "string", 0, (doc, _) => ServicePorts(doc)),
            Age,
            new("Selector", "string", 1, (doc, _) => Labels(doc.At("spec", "selector"))),
        ],
        [("v1", "Endpoints")] = [Name, new("Endpoints", "string", 0, (doc, _) => Endpoints(doc)), Age],
        [("v1", "Event")] = EventColumns(),
        [("v1", "ConfigMap")] =
        [
            Name,
            new("Data", "string", 0, (doc, _) => doc["data"].Members().Count() + doc["binaryData"].Members().Count()),
            Age,
        ],
        [("v1", "Secret")] =
        [
            Name,
            new("Type", "string", 0, (doc, _) => Text(doc["type"])),
            new("Data", "string", 0, (doc, _) => doc["data"].Members().Count()),
            Age,
        ],
        [("v1", "ServiceAccount")] = [Name, Age],
        [("apps/v1", "Deployment")] =
        [
            Name,
            new(
                "Ready",
                "string",
                0,
                (doc, _) => $"{Count(doc, "status", "readyReplicas")}/{Count(doc, "spec", "replicas")}"
            ),
            new("Up-to-date", "string", 0, (doc, _) => Count(doc, "status", "updatedReplicas")),
            new("Available", "string", 0, (doc, _) => Count(doc, "status", "availableReplicas")),
            Age,
            .. Template,
        ],
        [("apps/v1", "ReplicaSet")] =
        [
            Name,
            new("Desired", "integer", 0, (doc, _) => Count(doc, "spec", "replicas")),
            new("Current", "integer", 0, (doc, _) => Count(doc, "status", "replicas")),
            new("Ready", "integer", 0, (doc, _) => Count(doc, "status", "readyReplicas")),
            Age,
            .. Template,
        ],
        [("apps/v1", "DaemonSet")] =
        [
            Name,
            new("Desired", "integer", 0, (doc, _) => Count(doc, "status", "desiredNumberScheduled")),
            new("Current", "integer", 0, (doc, _) => Count(doc, "status", "currentNumberScheduled")),
            new("Ready", "integer", 0, (doc, _) => Count(doc, "status", "numberReady")),
            new("Up-to-date", "integer", 0, (doc, _) => Count(doc, "status", "updatedNumberScheduled")),
            new("Available", "integer", 0, (doc, _) => Count(doc, "status", "numberAvailable")),
            new("Node Selector", "string", 0, (doc, _) => Labels(doc.At("spec", "template", "spec", "nodeSelector"))),
            Age,
            .. Template,
        ],
        [("discovery.k8s.io/v1", "EndpointSlice")] =
        [
            Name,
            new("AddressType", "string", 0, (doc, _) => Text(doc["addressType"])),
            new(
                "Ports",
                "string",
                0,
                (doc, _) =>
                    Few(
                        doc["ports"]
                            .Objects()
                            .Select(p => $"{p["port"].Integer()?.ToString() ?? p["name"].Text() ?? "*"}"),
                        "<unset>"
                    )
            ),
            new(
                "Endpoints",
                "string",
                0,
                (doc, _) => Few(doc["endpoints"].Objects().SelectMany(e => e["addresses"].Texts()), "<unset>")
            ),
            Age,
        ],
        [("networking.k8s.io/v1", "NetworkPolicy")] =
        [
            Name,
            new("Pod-Selector", "string", 0, (doc, _) => Selector(doc.At("spec", "podSelector"))),
            Age,
        ],
        [("coordination.k8s.io/v1", "Lease")] =
        [
            Name,
            new("Holder", "string", 0, (doc, _) => Text(doc.At("spec", "holderIdentity"))),
            Age,
        ],
        [("apiextensions.k8s.io/v1", "CustomResourceDefinition")] =
        [
            Name,
            new("Created At", "date", 0, (doc, _) => doc.At("metadata", "creationTimestamp")?.DeepClone()),
        ],
    };

    /// <summary>Null for a kind that is not built in.</summary>
    public static Column[]? Find(string apiVersion, string kind) => Kinds.GetValueOrDefault((apiVersion, kind));

    public static string OrNone(JsonNode? node) => node.Text() is { Length: > 0 } text ? text : "<none>";

    private static string OrUnknown(JsonNode? node) => node.Text() is { Length: > 0 } text ? text : "<unknown>";

    private static string Text(JsonNode? node) => node.Text() ?? "";

    private static long Count(JsonObject doc, string part, string field) => doc.At(part, field).Integer() ?? 0;

    private static string Join(IEnumerable<string> texts) => string.Join(",", texts);

    /// <summary>The first few, and how many more there are.</summary>
    private static string Few(IEnumerable<string> texts, string none)
    {
        var all = texts.ToArray();
        return all.Length == 0 ? none
            : all.Length > Shown ? $"{Join(all.Take(Shown))} + {all.Length - Shown} more..."
            : Join(all);
    }

    private static string Labels(JsonNode? labels)
    {
        var text = Join(
            labels.Members().OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}={m.Value.Text()}")
        );
        return text.Length == 0 ? "<none>" : text;
    }

    private static string Selector(JsonNode? selector)
    {
        static string Values(JsonObject requirement) =>
            Join(requirement["values"].Texts().Order(StringComparer.Ordinal));
        var labels = selector.At("matchLabels").Members().Select(m => (m.Key, Text: $"{m.Key}={m.Value.Text()}"));
        var expressions = selector
            .At("matchExpressions")
            .Objects()
            .Select(requirement =>
                (
                    Key: requirement["key"].Text() ?? "",
                    Text: requirement["operator"].Text() switch
                    {
                        "In" => $"{requirement["key"].Text()} in ({Values(requirement)})",
                        "NotIn" => $"{requirement["key"].Text()} notin ({Values(requirement)})",
                        "DoesNotExist" => $"!{requirement["key"].Text()}",
                        _ => requirement["key"].Text() ?? "",
                    }
                )
            );
        var text = Join(labels.Concat(expressions).OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => r.Text));
        return text.Length == 0 ? "<none>" : text;
    }

    private static JsonNode? NodeInfo(JsonObject node, string field) => node.At("status", "nodeInfo", field);

    private static string NodeStatus(JsonObject node)
    {
        var ready = node.At("status", "conditions").Objects().FirstOrDefault(c => c["type"].Text() == "Ready");
        var status =
            ready is null ? "Unknown"
            : ready["status"].Text() == "True" ? "Ready"
            : "NotReady";
        return node.At("spec", "unschedulable").Flag() == true ? status + ",SchedulingDisabled" : status;
    }

    private static string Roles(JsonObject node)
    {
        const string Prefix = "node-role.kubernetes.io/";
        var roles = node.At("metadata", "labels")
            .Members()
            .Select(m =>
                m.Key.StartsWith(Prefix, StringComparison.Ordinal) ? m.Key[Prefix.Length..]
                : m.Key == "kubernetes.io/role" ? Text(m.Value)
                : ""
            )
            .Where(role => role.Length > 0)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToArray();
        return roles.Length == 0 ? "<none>" : Join(roles);
    }

    private static string NodeAddress(JsonObject node, string type) =>
        OrNone(node.At("status", "addresses").Objects().FirstOrDefault(a => a["type"].Text() == type)?["address"]);

    private static string ExternalIp(JsonObject service)
    {
        var external = service.At("spec", "externalIPs").Texts();
        var balancer = service
            .At("status", "loadBalancer", "ingress")
            .Objects()
            .Select(i => i["ip"].Text() is { Length: > 0 } ip ? ip : Text(i["hostname"]))
            .Where(text => text.Length > 0);
        return service.At("spec", "type").Text() switch
        {
            "ClusterIP" or "NodePort" => external.Any() ? Join(external) : "<none>",
            "LoadBalancer" => balancer.Concat(external).Any() ? Join(balancer.Concat(external)) : "<pending>",
            "ExternalName" => Text(service.At("spec", "externalName")),
            _ => "<unknown>",
        };
    }

    private static string ServicePorts(JsonObject service)
    {
        var ports = Join(
            service
                .At("spec", "ports")
                .Objects()
                .Select(p =>
                    p["nodePort"].Integer() is > 0 and var node
                        ? $"{p["port"].Integer()}:{node}/{p["protocol"].Text()}"
                        : $"{p["port"].Integer()}/{p["protocol"].Text()}"
                )
        );
        return ports.Length == 0 ? "<none>" : ports;
    }

    private static string Endpoints(JsonObject endpoints) =>
        Few(
            endpoints["subsets"]
                .Objects()
                .SelectMany(subset =>
                {
                    var addresses = subset["addresses"].Objects().Select(a => Text(a["ip"])).ToArray();
                    return subset["ports"] is JsonArray { Count: > 0 } ports
                        ? ports
                            .Objects()
                            .SelectMany(p =>
                                addresses.Select(a =>
                                    $"{(a.Contains(':', StringComparison.Ordinal) ? $"[{a}]" : a)}:{p["port"].Integer()}"
                                )
                            )
                        : addresses;
                }),
            "<none>"
        );

    private static Column[] EventColumns()
    {
        static JsonNode? First(JsonObject e, DateTimeOffset now) =>
            Tables.Age.Of(e["firstTimestamp"] ?? e["eventTime"], now);
        static JsonNode? Last(JsonObject e, DateTimeOffset now) =>
            e["series"] is { } series ? Tables.Age.Of(series["lastObservedTime"], now)
            : e["lastTimestamp"] is { } last ? Tables.Age.Of(last, now)
            : First(e, now);
        static string Either(JsonNode? a, JsonNode? b) => a.Text() is { Length: > 0 } text ? text : Text(b);
        static string Source(JsonObject e)
        {
            var component = Either(e["source"].At("component"), e["reportingComponent"]);
            var instance = Either(e["source"].At("host"), e["reportingInstance"]);
            return instance.Length == 0 ? component : $"{component}, {instance}";
        }
        static string Target(JsonObject e)
        {
            var kind = Text(e["involvedObject"].At("kind")).ToLowerInvariant();
            return e["involvedObject"].At("name").Text() is { Length: > 0 } name ? $"{kind}/{name}" : kind;
        }
        return
        [
            new("Last Seen", "string", 0, Last),
            new("Type", "string", 0, (e, _) => Text(e["type"])),
            new("Reason", "string", 0, (e, _) => Text(e["reason"])),
            new("Object", "string", 0, (e, _) => Target(e)),
            new("Subobject", "string", 1, (e, _) => Text(e["involvedObject"].At("fieldPath"))),
            new("Source", "string", 1, (e, _) => Source(e)),
            new("Message", "string", 0, (e, _) => Text(e["message"]).Trim()),
            new("First Seen", "string", 1, First),
            new(
                "Count",
                "string",
                1,
                (e, _) => e["series"].At("count").Integer() ?? (e["count"].Integer() is > 0 and var count ? count : 1)
            ),
            Name with
            {
                Priority = 1,
            },
        ];
    }
}
