using Weft.Agent.Endpoints;
using Weft.Contracts;
using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services;
using Weft.Services.HostPorts;
using Endpoint = Weft.Agent.Endpoints.Endpoint;

namespace Weft.Agent.Services;

/// <summary>The host ports of this node's pods, from what their ADDs asked for. Pure.</summary>
internal static class PodHostPorts
{
    /// <summary>By pod. One that is made anew may have two attachments for a moment.</summary>
    public static IReadOnlyDictionary<ObjectKey, ValueList<HostPort>> Of(IEnumerable<Endpoint> endpoints)
    {
        var ports = new Dictionary<ObjectKey, ValueList<HostPort>>();
        foreach (var endpoint in endpoints.Where(endpoint => endpoint.PortMappings is { Count: > 0 }))
        {
            var pod = endpoint.Pod is { } named
                ? new ObjectKey(named.Namespace, named.Name)
                : new ObjectKey(null, endpoint.Id.ContainerId);
            ValueList<Ip> addresses = [.. endpoint.Ips];
            ports[pod] =
            [
                .. ports.GetValueOrDefault(pod, []),
                .. endpoint.PortMappings!.Select(mapping => Read(mapping, addresses)),
            ];
        }

        return ports;
    }

    /// <summary>Refuses what could not be served.</summary>
    /// <exception cref="RequestException">An address or a protocol is none.</exception>
    public static void Check(IReadOnlyList<PortMapping>? mappings)
    {
        foreach (var mapping in mappings ?? [])
        {
            if (
                mapping is { HostPort: 0 } or { ContainerPort: 0 }
                || (mapping.HostIp is { } ip && !Ip.TryParse(ip, out _))
                || Transports.Parse(mapping.Protocol) is null
            )
            {
                throw new RequestException(
                    CniErrorCode.InvalidConfig,
                    $"{mapping} is no mapping of a port: give it ports from 1 to 65535, TCP, UDP or SCTP, and an IP address or none"
                );
            }
        }
    }

    private static HostPort Read(PortMapping mapping, ValueList<Ip> pod) =>
        new(
            mapping.HostIp is { } ip ? Ip.Parse(ip) : null,
            mapping.HostPort,
            Transports.Parse(mapping.Protocol) ?? Transport.Tcp,
            mapping.ContainerPort,
            pod
        );
}
