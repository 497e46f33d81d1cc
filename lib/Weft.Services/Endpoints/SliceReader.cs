using Weft.Kubernetes.Objects;
using Weft.Net;
using Weft.Services.Reading;

namespace Weft.Services.Endpoints;

/// <summary>Reads EndpointSlices, with the API's defaults.</summary>
internal static class SliceReader
{
    private const string ServiceName = "kubernetes.io/service-name";

    /// <summary>The Service it is for; null when it is for none that this node serves.</summary>
    public static ObjectKey? ServiceOf(EndpointSlice slice) =>
        ServiceReader.IsForOthers(slice.Metadata.Labels)
        || slice.AddressType is not ("IPv4" or "IPv6")
        || slice.Metadata.Labels?.GetValueOrDefault(ServiceName) is not { Length: > 0 } service
            ? null
            : new ObjectKey(slice.Metadata.Namespace, service);

    public static SliceContent Read(EndpointSlice slice)
    {
        var isV4 = slice.AddressType == "IPv4";
        var endpoints = new List<ServiceEndpoint>(slice.Endpoints?.Count ?? 0);
        var unusable = new List<string>();
        foreach (var endpoint in slice.Endpoints ?? [])
        {
            if (endpoint.Addresses is not { Count: > 0 } addresses)
            {
                continue;
            }

            if (!Ip.TryParse(addresses[0], out var address) || address.IsV4 != isV4)
            {
                unusable.Add(addresses[0]);
                continue;
            }

            endpoints.Add(
                new ServiceEndpoint(
                    address,
                    endpoint.Conditions?.Ready ?? true,
                    endpoint.Conditions?.Serving ?? true,
                    endpoint.Conditions?.Terminating ?? false,
                    endpoint.NodeName,
                    Names(endpoint.Hints?.ForZones),
                    Names(endpoint.Hints?.ForNodes),
                    endpoint.TargetRef is { Kind: "Pod", Name: { } pod }
                        ? new ObjectKey(endpoint.TargetRef.Namespace ?? slice.Metadata.Namespace, pod)
                        : null
                )
            );
        }

        return new SliceContent(isV4, Ports(slice), [.. endpoints], [.. unusable]);
    }

    /// <summary>A port without a number means all ports, which no Service can be given, in Kubernetes 1.36 neither.</summary>
    private static ValueList<SlicePort> Ports(EndpointSlice slice) =>
        [
            .. from port in slice.Ports ?? []
            let protocol = Transports.Parse(port.Protocol)
            where protocol is not null && port.Port is > 0 and <= ushort.MaxValue
            select new SlicePort(port.Name ?? "", protocol.Value, (ushort)port.Port!.Value),
        ];

    private static ValueList<string> Names(IReadOnlyList<ForName>? hints) =>
        hints is { Count: > 0 } ? [.. hints.Select(hint => hint.Name)] : [];
}
