using System.Net;
using System.Net.Sockets;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>An endpoint that is a port of a pod.</summary>
/// <param name="Number">Its own.</param>
/// <param name="Addresses">The pod's, IPv4 first.</param>
/// <param name="Port">Port.</param>
/// <param name="Node">The pod's node.</param>
/// <param name="ForZone">The zone that it is hinted to be for; null without such hints.</param>
/// <param name="ForNode">The node that it is hinted to be for; null without such hints.</param>
internal sealed record PortOfPod(
    int Number,
    IReadOnlyList<IPAddress> Addresses,
    int Port,
    int Node,
    string? ForZone = null,
    string? ForNode = null
);

/// <summary>
/// Slices of a Service without a selector, written as Kubernetes' controller would: what has other ports is in other
/// slices, and an endpoint that changes is a write of its slice of each family.
/// </summary>
internal sealed class WrittenSlices(KubernetesClient client, ObjectKey service, CancellationToken cancel)
{
    private static readonly EndpointConditions ready = new() { Ready = true, Serving = true };
    private static readonly EndpointConditions ending = new()
    {
        Ready = false,
        Serving = true,
        Terminating = true,
    };
    private readonly Dictionary<int, (PortOfPod Endpoint, EndpointConditions Conditions)> endpoints = [];

    public Task AddAsync(params IReadOnlyCollection<PortOfPod> added) => SetAsync(added, ready);

    /// <summary>Their pods were deleted and still serve.</summary>
    public Task EndAsync(params IReadOnlyCollection<PortOfPod> ended) => SetAsync(ended, ending);

    /// <summary>Their pods are gone.</summary>
    public Task RemoveAsync(params IReadOnlyCollection<PortOfPod> removed) => SetAsync(removed, null);

    private async Task SetAsync(IReadOnlyCollection<PortOfPod> changed, EndpointConditions? conditions)
    {
        foreach (var endpoint in changed)
        {
            if (conditions is null)
            {
                endpoints.Remove(endpoint.Number);
            }
            else
            {
                endpoints[endpoint.Number] = (endpoint, conditions);
            }
        }

        await Task.WhenAll(
            from port in changed.Select(endpoint => endpoint.Port).Distinct()
            from family in (int[])[0, 1]
            select client.ApplyAsync(Kinds.EndpointSlices, SliceOf(port, family), "weft-test", force: true, cancel)
        );
    }

    private EndpointSlice SliceOf(int port, int family) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Name = $"{service.Name}-{port}-{family}",
                Namespace = service.Namespace,
                Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service.Name },
            },
            AddressType = family == 0 ? "IPv4" : "IPv6",
            Ports =
            [
                new EndpointPort
                {
                    Name = "tcp",
                    Protocol = "TCP",
                    Port = port,
                },
            ],
            Endpoints =
            [
                .. endpoints
                    .Values.Where(one => one.Endpoint.Port == port)
                    .OrderBy(one => one.Endpoint.Number)
                    .Select(one => new Endpoint
                    {
                        Addresses = [$"{one.Endpoint.Addresses[family]}"],
                        Conditions = one.Conditions,
                        NodeName = $"node{one.Endpoint.Node}",
                        Hints = HintsOf(one.Endpoint),
                    }),
            ],
        };

    private static EndpointHints? HintsOf(PortOfPod endpoint) =>
        endpoint is { ForZone: null, ForNode: null }
            ? null
            : new EndpointHints
            {
                ForZones = endpoint.ForZone is { } zone ? [new ForName { Name = zone }] : null,
                ForNodes = endpoint.ForNode is { } node ? [new ForName { Name = node }] : null,
            };
}
