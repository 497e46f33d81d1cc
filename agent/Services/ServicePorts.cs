using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services;
using Weft.Services.Backends;

namespace Weft.Agent.Services;

/// <summary>The ports of a Service, by what has the number of each in the map of a former agent: its ClusterIP's entry.</summary>
internal static class ServicePorts
{
    public static IEnumerable<(ServicePortKey Key, TransportAddress Frontend)> Of(Service service)
    {
        foreach (var text in service.Spec?.ClusterIPs ?? [])
        {
            if (!Ip.TryParse(text, out var address))
            {
                continue;
            }

            foreach (var port in service.Spec?.Ports ?? [])
            {
                if (Transports.Parse(port.Protocol) is { } protocol && port.Port is > 0 and <= ushort.MaxValue)
                {
                    yield return (
                        new ServicePortKey(ObjectKey.Of(service), port.Name ?? "", protocol, address.IsV4),
                        new TransportAddress(address, (ushort)port.Port, protocol)
                    );
                }
            }
        }
    }
}
