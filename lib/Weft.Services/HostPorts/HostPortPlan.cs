using Weft.Net;
using Weft.Services.Backends;
using Weft.Services.Endpoints;
using Weft.Services.Frontends;
using Weft.Services.Numbers;

namespace Weft.Services.HostPorts;

/// <summary>The host ports of a pod, in the terms of Services: each is one whose only endpoint is the pod.</summary>
internal sealed class HostPortPlan(LocalNode node, NumberTable<ServicePortKey> ports, BackendNumbers backends)
{
    /// <summary>A port for each family. What cannot work is in the problems.</summary>
    public Dictionary<ServicePortKey, PortState> Of(ServiceState state)
    {
        var found = new Dictionary<ServicePortKey, PortState>();
        foreach (var port in state.HostPorts)
        {
            var families = port.AddressesOn(node).Select(address => address.IsV4).Distinct().ToList();
            var pod = port.Pod.Where(address => families.Contains(address.IsV4)).DistinctBy(address => address.IsV4);
            if (!pod.Any())
            {
                state.OwnProblems.Add(new ServiceProblem(state.Key, "HostPortUnusable", WhyUnusable(port, families)));
            }

            foreach (var address in pod)
            {
                var key = KeyOf(state, port, address);
                if (found.ContainsKey(key))
                {
                    continue;
                }

                if (Take(key, new TransportAddress(address, port.ContainerPort, port.Protocol)) is { } taken)
                {
                    found[key] = taken;
                }
                else
                {
                    state.OwnProblems.Add(
                        new ServiceProblem(
                            state.Key,
                            "TooManyServices",
                            $"hostPort {port} is not served: all numbers of ports or backends are taken"
                        )
                    );
                }
            }
        }

        return found;
    }

    /// <summary>Who gets what at each of the node's addresses: everybody the pod, with loopback the node alone.</summary>
    public static IEnumerable<Frontend> Frontends(ServiceState state, LocalNode node) =>
        from port in state.HostPorts
        from own in port.AddressesOn(node)
        from address in port.Pod.Where(address => address.IsV4 == own.IsV4).Take(1)
        let key = KeyOf(state, port, address)
        where state.Ports.ContainsKey(key)
        let behind = state.Ports[key]
        let forward = new Selection(ServiceAction.Forward, behind.Cluster!)
        select new Frontend(
            new TransportAddress(own, port.Port, port.Protocol),
            FrontendKind.HostPort,
            key,
            behind.Number,
            forward,
            own.IsLoopback ? new Selection(ServiceAction.Drop, new BackendList(default, [], [])) : forward,
            Source.None,
            0,
            null
        );

    private PortState? Take(ServicePortKey key, TransportAddress backend)
    {
        if (ports.Take(key) is not { } number)
        {
            return null;
        }

        if (backends.Take(backend) is not { } backendNumber)
        {
            ports.Release(key);
            return null;
        }

        var pod = HostPort.PodOf(key.Service);
        var endpoint = new ServiceEndpoint(backend.Address, true, true, false, node.Name, [], [], pod);
        return new PortState(
            key,
            number,
            [new PortEndpoint(backend, endpoint, backendNumber)],
            new BackendList(
                new BackendListKey(number, TrafficPolicy.Cluster),
                [new Backend(backendNumber, backend, true, false, node.Name, pod)],
                []
            ),
            null
        );
    }

    private static ServicePortKey KeyOf(ServiceState state, HostPort port, Ip pod) =>
        new(state.Key, port.ToString(), port.Protocol, pod.IsV4);

    private static string WhyUnusable(HostPort port, List<bool> families) =>
        families.Count == 0
            ? $"hostPort {port} is not served: its hostIP is no address of this node"
            : $"hostPort {port} is not served: the pod has no address of the hostIP's family";
}
