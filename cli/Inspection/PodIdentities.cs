using System.Globalization;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Cli.Inspection;

/// <summary>Pods and identities as the cluster's objects have them, each with the names of the other.</summary>
internal static class PodIdentities
{
    public static async Task<(
        IReadOnlyList<WeftEndpointSlice> Slices,
        IReadOnlyList<WeftIdentity> Identities
    )> ReadAsync(KubernetesClient client, CancellationToken cancel)
    {
        var slices = client.ListAsync(WeftResources.EndpointSlices, new ListOptions(), cancel);
        var identities = client.ListAsync(WeftResources.Identities, new ListOptions(), cancel);
        return ((await slices).Items ?? [], (await identities).Items ?? []);
    }

    /// <summary>By namespace and name.</summary>
    public static IReadOnlyList<EndpointReport> Endpoints(
        IReadOnlyList<WeftEndpointSlice> slices,
        IReadOnlyList<WeftIdentity> identities
    )
    {
        var known = ById(identities);
        return
        [
            .. slices
                .SelectMany(slice =>
                    slice.Endpoints.Select(endpoint => new EndpointReport(
                        $"{endpoint.Namespace}/{endpoint.Pod}",
                        slice.NodeName,
                        endpoint.Ips,
                        endpoint.Identity,
                        known.TryGetValue(endpoint.Identity, out var identity)
                            ? identity.Spec.Labels ?? new Dictionary<string, string>()
                            : null
                    ))
                )
                .OrderBy(endpoint => endpoint.Pod, StringComparer.Ordinal),
        ];
    }

    /// <summary>By number.</summary>
    public static IReadOnlyList<IdentityReport> Identities(
        IReadOnlyList<WeftEndpointSlice> slices,
        IReadOnlyList<WeftIdentity> identities
    )
    {
        var pods = slices
            .SelectMany(slice => slice.Endpoints)
            .ToLookup(endpoint => endpoint.Identity, endpoint => $"{endpoint.Namespace}/{endpoint.Pod}");
        return
        [
            .. identities
                .OrderBy(identity => identity.Spec.Id)
                .Select(identity => new IdentityReport(
                    identity.Spec.Id,
                    identity.Metadata.Name!,
                    identity.Spec.Namespace,
                    identity.Spec.Labels ?? new Dictionary<string, string>(),
                    identity.Spec.AbsentLabels ?? [],
                    identity.Spec.NamespaceLabels ?? new Dictionary<string, string>(),
                    identity.Spec.AbsentNamespaceLabels ?? [],
                    [
                        .. (identity.Spec.Ports ?? []).Select(port =>
                            string.Create(CultureInfo.InvariantCulture, $"{port.Name}/{port.Protocol}={port.Port}")
                        ),
                    ],
                    [.. pods[identity.Spec.Id].Order(StringComparer.Ordinal)]
                )),
        ];
    }

    /// <summary>key=value, or what stands for none.</summary>
    public static string Text(IReadOnlyDictionary<string, string>? labels) =>
        labels is null ? "(unknown)"
        : labels.Count == 0 ? "-"
        : string.Join(
            ',',
            labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")
        );

    /// <summary>A number that two identities have for a moment is the older one's.</summary>
    private static Dictionary<uint, WeftIdentity> ById(IReadOnlyList<WeftIdentity> identities) =>
        identities
            .OrderBy(identity => identity.Metadata.CreationTimestamp)
            .ThenBy(identity => identity.Metadata.Name, StringComparer.Ordinal)
            .DistinctBy(identity => identity.Spec.Id)
            .ToDictionary(identity => identity.Spec.Id);
}
