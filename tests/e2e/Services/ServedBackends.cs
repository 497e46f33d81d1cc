using System.Net;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Net;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>Whom a node's programs lead new connections to: its live maps.</summary>
internal sealed class ServedBackends(ServiceLab lab, int node) : IDisposable
{
    private const byte Tcp = 6;
    private readonly PinnedMap<ServiceKey, ServiceValue> services = PinnedMap.Open<ServiceKey, ServiceValue>(
        $"/proc/{lab.Lab.AgentOf(node)}/root/sys/fs/bpf/weft/services"
    );
    private readonly PinnedMap<BackendKey, BackendValue> backends = PinnedMap.Open<BackendKey, BackendValue>(
        $"/proc/{lab.Lab.AgentOf(node)}/root/sys/fs/bpf/weft/backends"
    );

    /// <summary>Whether a new TCP connection to the address may come to the endpoint.</summary>
    public bool Lead(IPEndPoint address, ServiceSide side, IPEndPoint endpoint)
    {
        var key = ServiceKey.Of(IpOf(address), (ushort)address.Port, Tcp, side);
        var backend = BackendValue.Of(IpOf(endpoint), (ushort)endpoint.Port);
        if (!services.Map.TryLookup(key, out var service))
        {
            return false;
        }

        for (uint slot = 0; slot < service.Count; slot++)
        {
            // Without the slot the list is one of before: a newer one leads, which nobody has looked at yet.
            if (!backends.Map.TryLookup(new BackendKey(service.List, slot), out var found) || found == backend)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        services.Dispose();
        backends.Dispose();
    }

    private static Ip IpOf(IPEndPoint point) => Ip.Parse($"{point.Address}");
}
