using System.Net.Sockets;
using System.Text.Json.Nodes;
using Weft.Lab.ApiServer.Schemas;

namespace Weft.Lab.ApiServer.Defaults;

/// <summary>v1 Service; its addresses and node ports are allocated elsewhere.</summary>
internal static class Services
{
    private const int AffinitySeconds = 3 * 60 * 60;
    private const int MaxAffinitySeconds = 24 * 60 * 60;

    public static void Default(JsonObject service)
    {
        var spec = service.Child("spec");
        spec.SetIfAbsent("sessionAffinity", "None");
        if (spec["sessionAffinity"].Text() == "None")
        {
            spec.Remove("sessionAffinityConfig");
        }
        else if (spec["sessionAffinity"].Text() == "ClientIP")
        {
            spec.Child("sessionAffinityConfig").Child("clientIP").SetIfAbsent("timeoutSeconds", AffinitySeconds);
        }
        spec.SetIfAbsent("type", "ClusterIP");
        var type = spec["type"].Text();
        foreach (var port in spec["ports"].Objects())
        {
            port.SetIfAbsent("protocol", "TCP");
            if (port["targetPort"] is null || port["targetPort"].Integer() == 0 || port["targetPort"].Text() == "")
            {
                port["targetPort"] = port["port"]?.DeepClone();
            }
        }
        if (IsExternallyAccessible(spec))
        {
            spec.SetIfAbsent("externalTrafficPolicy", "Cluster");
        }
        if (type is "NodePort" or "LoadBalancer" or "ClusterIP")
        {
            spec.SetIfAbsent("internalTrafficPolicy", "Cluster");
        }
        if (type == "LoadBalancer")
        {
            spec.SetIfAbsent("allocateLoadBalancerNodePorts", true);
        }
    }

    /// <summary>A service of another type than before loses what only the former one needs, if that stays as it was.</summary>
    public static void DropOutlived(JsonObject spec, JsonObject? before)
    {
        if (before is null)
        {
            return;
        }

        if (IsExternallyAccessible(before) && !IsExternallyAccessible(spec))
        {
            Drop("externalTrafficPolicy");
        }

        if (before["type"].Text() == "LoadBalancer" && spec["type"].Text() != "LoadBalancer")
        {
            Drop("allocateLoadBalancerNodePorts");
            Drop("loadBalancerClass");
        }

        void Drop(string field)
        {
            if (JsonNode.DeepEquals(spec[field], before[field]))
            {
                spec.Remove(field);
            }
        }
    }

    public static void Validate(JsonObject service, JsonObject? old, Findings findings)
    {
        var spec = service["spec"] as JsonObject ?? [];
        var type = spec["type"].Text();
        var headless = IsHeadless(spec);
        if (old is not null)
        {
            Unchanged(spec, old["spec"] as JsonObject ?? [], findings);
        }
        if (spec["ports"] is not JsonArray { Count: > 0 } && !headless && type != "ExternalName")
        {
            findings.Required("spec.ports");
        }
        switch (type)
        {
            case "LoadBalancer" or "NodePort" when headless:
                findings.Invalid("spec.clusterIPs[0]", "None", $"may not be set to 'None' for {type} services");
                break;
            case "ExternalName":
                foreach (var field in (string[])["clusterIPs", "ipFamilies", "ipFamilyPolicy"])
                {
                    if (spec[field] is not (null or JsonArray { Count: 0 }))
                    {
                        findings.Forbidden($"spec.{field}", "may not be set for ExternalName services");
                    }
                }
                var name = (spec["externalName"].Text() ?? "").TrimEnd('.');
                if (name.Length == 0)
                {
                    findings.Required("spec.externalName");
                }
                else
                {
                    findings.Invalid("spec.externalName", name, Formats.DnsSubdomain(name));
                }
                break;
        }
        Ports(spec, findings);
        findings.Labels("spec.selector", spec["selector"]);
        Affinity(spec, findings);
        if (type != "ExternalName")
        {
            Families(spec, headless, findings);
        }
        foreach (var (i, ip) in spec["externalIPs"].Texts().Index())
        {
            var problems = Formats.Ip(ip).ToArray();
            findings.Invalid(
                $"spec.externalIPs[{i}]",
                ip,
                problems.Length > 0 ? problems : EndpointSlices.NotForEndpoints(ip)
            );
        }
        findings.OneOf("spec.type", spec["type"], true, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        Repetitions(spec, type, findings);
        if (spec["loadBalancerSourceRanges"] is JsonArray { Count: > 0 } ranges)
        {
            // The real server spells this field with a capital letter here.
            const string Field = "spec.LoadBalancerSourceRanges";
            if (type != "LoadBalancer")
            {
                findings.Forbidden(Field, "may only be used when `type` is 'LoadBalancer'");
            }
            foreach (var (i, range) in ranges.Texts().Index())
            {
                findings.Invalid($"{Field}[{i}]", range.Trim(), Formats.Cidr(range.Trim()));
            }
        }
        if (spec["allocateLoadBalancerNodePorts"] is not null && type != "LoadBalancer")
        {
            findings.Forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'");
        }
        if (spec["loadBalancerClass"] is not null && type != "LoadBalancer")
        {
            findings.Forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'");
        }
        Traffic(spec, type, findings);
    }

    private static void Ports(JsonObject spec, Findings findings)
    {
        var ports = spec["ports"].Objects().ToArray();
        var names = new HashSet<string>();
        foreach (var (i, port) in ports.Index())
        {
            var field = $"spec.ports[{i}]";
            var name = port["name"].Text() ?? "";
            if (name.Length == 0)
            {
                if (ports.Length > 1)
                {
                    findings.Required($"{field}.name");
                }
            }
            else
            {
                findings.Invalid($"{field}.name", name, Formats.DnsLabel(name));
                if (!names.Add(name))
                {
                    findings.Add(FieldError.Duplicate($"{field}.name", name));
                }
            }
            findings.Invalid($"{field}.port", port["port"] ?? 0, Formats.PortNumber(port["port"].Integer() ?? 0));
            findings.OneOf($"{field}.protocol", port["protocol"], true, "SCTP", "TCP", "UDP");
            findings.Port($"{field}.targetPort", port["targetPort"]);
            if (port["appProtocol"].Text() is { } protocol)
            {
                findings.Invalid($"{field}.appProtocol", protocol, Formats.QualifiedName(protocol));
            }
        }
    }

    private static void Affinity(JsonObject spec, Findings findings)
    {
        const string Field = "spec.sessionAffinityConfig";
        findings.OneOf("spec.sessionAffinity", spec["sessionAffinity"], true, "ClientIP", "None");
        if (spec["sessionAffinity"].Text() == "ClientIP")
        {
            var timeout = spec["sessionAffinityConfig"].At("clientIP", "timeoutSeconds");
            if (timeout is null)
            {
                findings.Required(Field, "when session affinity type is ClientIP");
            }
            else if (timeout.Integer() is <= 0 or > MaxAffinitySeconds)
            {
                findings.Invalid(
                    $"{Field}.clientIP.timeoutSeconds",
                    timeout,
                    $"must be greater than 0 and less than {MaxAffinitySeconds}"
                );
            }
        }
        else if (spec["sessionAffinity"].Text() == "None" && spec["sessionAffinityConfig"] is not null)
        {
            findings.Forbidden(Field, "must not be set when session affinity is None");
        }
    }

    private static void Families(JsonObject spec, bool headless, Findings findings)
    {
        var ips = spec["clusterIPs"].Texts().ToArray();
        var first = spec["clusterIP"].Text() ?? "";
        if (first.Length > 0 && ips.Length > 0 && ips[0] != first)
        {
            findings.Invalid("spec.clusterIPs", spec["clusterIPs"], "first value must match `clusterIP`");
        }
        else if (first.Length == 0 && ips.Length > 0)
        {
            findings.Invalid("spec.clusterIPs", spec["clusterIPs"], "must be empty when `clusterIP` is not specified");
        }
        var families = spec["ipFamilies"].Texts().ToArray();
        foreach (var (i, family) in families.Index())
        {
            findings.OneOf($"spec.ipFamilies[{i}]", family, false, "IPv4", "IPv6");
            if (families.Take(i).Contains(family))
            {
                findings.Add(FieldError.Duplicate($"spec.ipFamilies[{i}]", family));
            }
        }
        findings.OneOf(
            "spec.ipFamilyPolicy",
            spec["ipFamilyPolicy"],
            false,
            "PreferDualStack",
            "RequireDualStack",
            "SingleStack"
        );
        var before = findings.Count;
        foreach (var (i, ip) in ips.Index())
        {
            if (i == 0 && ip == "None")
            {
                if (ips.Length > 1)
                {
                    findings.Invalid("spec.clusterIPs", spec["clusterIPs"], "'None' must be the first and only value");
                }
                continue;
            }
            findings.Invalid($"spec.clusterIPs[{i}]", ip, Formats.Ip(ip));
        }
        if (ips.Length > 2)
        {
            findings.Invalid("spec.clusterIPs", spec["clusterIPs"], "may only hold up to 2 values");
        }
        if (findings.Count > before || headless)
        {
            return;
        }
        var parsed = ips.Select(ip => Formats.ParseIp(ip)!.AddressFamily).ToArray();
        if (parsed.Distinct().Count() < parsed.Length)
        {
            findings.Invalid(
                "spec.clusterIPs",
                spec["clusterIPs"],
                "may specify no more than one IP for each IP family"
            );
        }
        foreach (var (i, family) in families.Take(ips.Length).Index())
        {
            if ((family == "IPv6") != (parsed[i] == AddressFamily.InterNetworkV6))
            {
                findings.Invalid(
                    $"spec.clusterIPs[{i}]",
                    ips[i],
                    $"expected an {family} value as indicated by `ipFamilies[{i}]`"
                );
            }
        }
    }

    private static void Repetitions(JsonObject spec, string? type, Findings findings)
    {
        var nodePorts = new HashSet<(string?, long?)>();
        var ports = new HashSet<(string?, long?)>();
        var all = spec["ports"].Objects().Index().ToArray();
        foreach (
            var (i, port) in all.Where(p => type == "ClusterIP" && p.Item["nodePort"].Integer() is not (null or 0))
        )
        {
            findings.Forbidden($"spec.ports[{i}].nodePort", "may not be used when `type` is 'ClusterIP'");
        }
        foreach (var (i, port) in all.Where(p => p.Item["nodePort"].Integer() is not (null or 0)))
        {
            if (!nodePorts.Add((port["protocol"].Text(), port["nodePort"].Integer())))
            {
                findings.Add(FieldError.Duplicate($"spec.ports[{i}].nodePort", port["nodePort"]));
            }
        }
        foreach (var (i, port) in all)
        {
            if (!ports.Add((port["protocol"].Text(), port["port"].Integer())))
            {
                var key = new JsonObject
                {
                    ["protocol"] = port["protocol"]?.DeepClone(),
                    ["port"] = port["port"]?.DeepClone(),
                };
                findings.Add(FieldError.Duplicate($"spec.ports[{i}]", key));
            }
        }
    }

    private static void Traffic(JsonObject spec, string? type, Findings findings)
    {
        var external = spec["externalTrafficPolicy"].Text() ?? "";
        if (!IsExternallyAccessible(spec))
        {
            if (external.Length > 0)
            {
                findings.Invalid(
                    "spec.externalTrafficPolicy",
                    external,
                    "may only be set for externally-accessible services"
                );
            }
        }
        else
        {
            findings.OneOf("spec.externalTrafficPolicy", spec["externalTrafficPolicy"], true, "Cluster", "Local");
        }
        if (
            spec["healthCheckNodePort"].Integer() is not (null or 0)
            && !(type == "LoadBalancer" && external == "Local")
        )
        {
            findings.Invalid(
                "spec.healthCheckNodePort",
                spec["healthCheckNodePort"],
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
            );
        }
        findings.OneOf("spec.internalTrafficPolicy", spec["internalTrafficPolicy"], false, "Cluster", "Local");
        findings.OneOf(
            "spec.trafficDistribution",
            spec["trafficDistribution"],
            false,
            "PreferClose",
            "PreferSameNode",
            "PreferSameZone"
        );
    }

    /// <summary>An address, once given, stays; a second one may come and go.</summary>
    private static void Unchanged(JsonObject spec, JsonObject old, Findings findings)
    {
        if (
            spec["type"].Text() == "ExternalName"
            || old["type"].Text() == "ExternalName"
            || IsHeadless(spec) && IsHeadless(old)
        )
        {
            return;
        }
        foreach (var field in (string[])["clusterIPs", "ipFamilies"])
        {
            var (was, now) = (old[field].Texts().ToArray(), spec[field].Texts().ToArray());
            for (var i = 0; i < Math.Min(was.Length, now.Length); i++)
            {
                if (was[i] != now[i])
                {
                    findings.Invalid($"spec.{field}[{i}]", spec[field], "may not change once set");
                }
            }
            if (was.Length > 0 && now.Length == 0)
            {
                findings.Invalid(
                    $"spec.{field}[0]",
                    spec[field],
                    "primary " + (field == "clusterIPs" ? "clusterIP" : "ipFamily") + " can not be unset"
                );
            }
        }
    }

    private static bool IsHeadless(JsonObject spec) =>
        spec["clusterIP"].Text() == "None" || spec["clusterIPs"].Texts().FirstOrDefault() == "None";

    private static bool IsExternallyAccessible(JsonObject spec) =>
        spec["type"].Text() is "NodePort" or "LoadBalancer"
        || spec["type"].Text() == "ClusterIP" && spec["externalIPs"] is JsonArray { Count: > 0 };
}
