using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services.Frontends;

namespace Weft.Services.Reading;

/// <summary>Reads Services, with the API's defaults. What cannot work is left out and named in the problems.</summary>
internal static class ServiceReader
{
    /// <summary>How long affinity lasts unless the Service says otherwise (core/v1 ClientIPConfig).</summary>
    private const uint DefaultAffinitySeconds = 10800;

    private const string ProxyName = "service.kubernetes.io/service-proxy-name";
    private const string Headless = "service.kubernetes.io/headless";

    /// <summary>Whether labels, of a Service or of its slices, leave it to another proxy or to none.</summary>
    public static bool IsForOthers(IReadOnlyDictionary<string, string>? labels) =>
        labels is not null && (labels.ContainsKey(ProxyName) || labels.ContainsKey(Headless));

    /// <summary>What is to be served; null for a Service that has no datapath.</summary>
    public static ServiceRules? Read(Service service, LocalNode node)
    {
        var spec = service.Spec;
        if (
            spec is null
            || spec.Type == "ExternalName"
            || spec.ClusterIP is null or "" or "None"
            || IsForOthers(service.Metadata.Labels)
        )
        {
            return null;
        }

        var key = ObjectKey.Of(service);
        var problems = new ProblemList(key);
        var local = spec.ExternalTrafficPolicy == "Local" && IsExternal(spec);
        return new ServiceRules(
            key,
            service.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue,
            AddressReader.Read(service, spec, node, problems),
            Ports(spec, problems),
            spec.InternalTrafficPolicy == "Local",
            local,
            Affinity(spec),
            local && spec.Type == "LoadBalancer" ? HealthCheckNodePort(spec, problems) : (ushort)0,
            problems.ToList()
        );
    }

    /// <summary>externalTrafficPolicy has no meaning for a Service that nobody outside can reach.</summary>
    private static bool IsExternal(ServiceSpec spec) =>
        spec.Type is "NodePort" or "LoadBalancer" || spec.ExternalIPs is { Count: > 0 };

    private static uint Affinity(ServiceSpec spec) =>
        spec.SessionAffinity != "ClientIP" ? 0
        : spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds is > 0 and var seconds ? (uint)seconds
        : DefaultAffinitySeconds;

    private static ushort HealthCheckNodePort(ServiceSpec spec, ProblemList problems)
    {
        if (spec.HealthCheckNodePort is > 0 and <= ushort.MaxValue and var port)
        {
            return (ushort)port;
        }

        problems.Add(
            "NoHealthCheckNodePort",
            "externalTrafficPolicy is Local and there is no healthCheckNodePort: load balancers cannot tell which "
                + "nodes have endpoints; set externalTrafficPolicy anew to have one allocated"
        );
        return 0;
    }

    private static ValueList<RulesPort> Ports(ServiceSpec spec, ProblemList problems)
    {
        var ports = new List<RulesPort>();
        foreach (var port in spec.Ports ?? [])
        {
            var name = port.Name ?? "";
            if (Transports.Parse(port.Protocol) is not { } protocol || port.Port is < 1 or > ushort.MaxValue)
            {
                problems.Add(
                    "InvalidPort",
                    $"port {port.Port} \"{name}\" with protocol {port.Protocol} is not served: a port is 1 to 65535 of TCP, UDP or SCTP"
                );
                continue;
            }

            if (ports.Any(other => other.Protocol == protocol && (other.Number == port.Port || other.Name == name)))
            {
                problems.Add(
                    "DuplicatePort",
                    $"port {port.Port} \"{name}\" is not served: another one of the Service has its number or its name"
                );
                continue;
            }

            ports.Add(new RulesPort(name, protocol, (ushort)port.Port, NodePort(spec, port, problems)));
        }

        return [.. ports];
    }

    private static ushort NodePort(ServiceSpec spec, ServicePort port, ProblemList problems)
    {
        if (spec.Type is not ("NodePort" or "LoadBalancer"))
        {
            return 0;
        }

        if (port.NodePort is > 0 and <= ushort.MaxValue and var number)
        {
            return (ushort)number;
        }

        if (spec.Type == "NodePort" || spec.AllocateLoadBalancerNodePorts != false)
        {
            problems.Add(
                "NoNodePort",
                $"port {port.Port} has no nodePort and is not served on the nodes' addresses: set one, or have one allocated"
            );
        }

        return 0;
    }
}
