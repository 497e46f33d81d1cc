using System.Net;
using System.Net.Sockets;
using Weft.Kubernetes.Objects;
using Weft.Lab.Controllers.Workloads;

namespace Weft.Lab.Controllers.Endpoints;

/// <summary>
/// The EndpointSlices a Service is to have, out of its pods and the slices it has. Slices keep what is still right in
/// them, so that a change of one pod is a change of one slice.
/// </summary>
internal static class ServiceEndpoints
{
    public const int MostInASlice = 100;

    /// <param name="service">The service, which has a selector.</param>
    /// <param name="pods">The pods it selects.</param>
    /// <param name="existing">The slices it has.</param>
    /// <returns>All it is to have. One that exists has its metadata's name; one of no use any more is not among them.</returns>
    public static IReadOnlyList<EndpointSlice> Slices(
        Service service,
        IEnumerable<Pod> pods,
        IReadOnlyList<EndpointSlice> existing
    )
    {
        var wanted = (
            from pod in pods
            where pod.Status?.Phase is not ("Succeeded" or "Failed")
            from family in Families(service)
            let addresses = AddressesOf(pod, family)
            where addresses.Count > 0
            let ports = PortsOf(service, pod)
            group EndpointOf(service, pod, addresses) by (Family: family, Ports: Text(ports))
        ).ToDictionary(g => g.Key, g => g.ToDictionary(e => e.TargetRef!.Uid!));
        var portsByText = pods.Select(pod => PortsOf(service, pod)).DistinctBy(Text).ToDictionary(Text);

        List<EndpointSlice> slices = [];
        foreach (var slice in existing)
        {
            var left = wanted.GetValueOrDefault((slice.AddressType, Text(slice.Ports ?? [])));
            List<Endpoint> kept =
            [
                .. (slice.Endpoints ?? [])
                    .Select(e => e.TargetRef?.Uid is { } uid && left?.Remove(uid, out var now) == true ? now : null)
                    .OfType<Endpoint>(),
            ];
            if (kept.Count > 0)
            {
                slices.Add(slice with { Endpoints = kept });
            }
        }

        foreach (var ((family, text), endpoints) in wanted.Where(w => w.Value.Count > 0))
        {
            var rest = new Queue<Endpoint>(endpoints.Values.OrderBy(e => e.TargetRef!.Name, StringComparer.Ordinal));
            for (var i = 0; i < slices.Count && rest.Count > 0; i++)
            {
                if (slices[i].AddressType == family && Text(slices[i].Ports ?? []) == text)
                {
                    slices[i] = slices[i] with { Endpoints = Filled(slices[i].Endpoints!, rest) };
                }
            }

            while (rest.Count > 0)
            {
                slices.Add(
                    new EndpointSlice
                    {
                        Metadata = new ObjectMeta(),
                        AddressType = family,
                        Ports = portsByText[text],
                        Endpoints = Filled([], rest),
                    }
                );
            }
        }

        return slices;
    }

    private static List<Endpoint> Filled(IReadOnlyList<Endpoint> kept, Queue<Endpoint> rest)
    {
        List<Endpoint> all = [.. kept];
        while (all.Count < MostInASlice && rest.TryDequeue(out var next))
        {
            all.Add(next);
        }

        return all;
    }

    private static IReadOnlyList<string> Families(Service service) => service.Spec?.IpFamilies ?? ["IPv4"];

    private static List<string> AddressesOf(Pod pod, string family) =>
        [
            .. (pod.Status?.PodIPs ?? [])
                .Select(ip => ip.Ip)
                .OfType<string>()
                .Where(ip =>
                    (IPAddress.Parse(ip).AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4") == family
                )
                .Take(1),
        ];

    private static Endpoint EndpointOf(Service service, Pod pod, List<string> addresses)
    {
        var serving = pod.IsReady();
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        return new Endpoint
        {
            Addresses = addresses,
            Conditions = new EndpointConditions
            {
                Ready = service.Spec?.PublishNotReadyAddresses == true || (serving && !terminating),
                Serving = serving,
                Terminating = terminating,
            },
            NodeName = pod.Spec?.NodeName,
            Hostname =
                pod.Spec?.Subdomain == service.Metadata.Name && !string.IsNullOrEmpty(pod.Spec?.Hostname)
                    ? pod.Spec.Hostname
                    : null,
            TargetRef = new ObjectReference
            {
                Kind = "Pod",
                Namespace = pod.Metadata.Namespace,
                Name = pod.Metadata.Name,
                Uid = pod.Metadata.Uid,
            },
        };
    }

    /// <summary>A named port is resolved on each pod; one the pod does not have is left out.</summary>
    private static List<EndpointPort> PortsOf(Service service, Pod pod) =>
        [
            .. from port in service.Spec?.Ports ?? []
            let number = NumberOf(port, pod)
            where number is not null
            select new EndpointPort
            {
                Name = port.Name ?? "",
                Protocol = port.Protocol ?? "TCP",
                Port = number,
                AppProtocol = port.AppProtocol,
            },
        ];

    private static int? NumberOf(ServicePort port, Pod pod) =>
        port.TargetPort is not { } target || target is { Text: null, Number: 0 } ? port.Port
        : target.Text is not { } name ? target.Number
        : pod
            .Spec?.Containers?.SelectMany(c => c.Ports ?? [])
            .FirstOrDefault(p => p.Name == name && (p.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))
            ?.Port;

    private static string Text(IReadOnlyList<EndpointPort> ports) =>
        string.Join(
            ',',
            ports.Select(p => $"{p.Name}/{p.Protocol}/{p.Port}/{p.AppProtocol}").Order(StringComparer.Ordinal)
        );
}
