using System.Text.Json;
using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers.Endpoints;

/// <summary>Services and Pods to EndpointSlices.</summary>
internal sealed class EndpointSlices : Reconciler
{
    private const string Manager = "endpointslice-controller.k8s.io";
    private readonly KubernetesClient client;

    public EndpointSlices(
        KubernetesClient client,
        Informer<Service> services,
        Informer<EndpointSlice> slices,
        Informer<Pod> pods,
        ILogger log
    )
        : base("endpointslice", log)
    {
        this.client = client;
        services.Changed += change => Add(change.Key);
        slices.Changed += change =>
        {
            if ((change.New ?? change.Old)?.OwnerKey(Kinds.Services) is { } owner)
            {
                Add(owner);
            }
        };
        pods.Changed += change =>
        {
            foreach (var service in services.List().Where(s => Selects(s, change.Old) || Selects(s, change.New)))
            {
                Add(ObjectKey.Of(service));
            }
        };
    }

    private static bool Selects(Service service, Pod? pod) =>
        pod is not null
        && pod.Metadata.Namespace == service.Metadata.Namespace
        && service.Spec?.Selector is { Count: > 0 } selector
        && new LabelSelector { MatchLabels = selector }.Matches(pod.Metadata.Labels);

    protected override async Task ReconcileAsync(ObjectKey key, CancellationToken cancel)
    {
        var service = await client.FindAsync(Kinds.Services, key, cancel);
        if (
            service?.Spec is not { Selector.Count: > 0, Type: not "ExternalName" }
            || service.Metadata.DeletionTimestamp is not null
        )
        {
            // Slices of a service without a selector are somebody else's; those of one that is gone go with it.
            return;
        }

        var selected = new LabelSelector { MatchLabels = service.Spec.Selector };
        var pods = await Live.ListAsync(client, Kinds.Pods, key.Namespace, selected, cancel);
        var own = new LabelSelector
        {
            MatchLabels = new Dictionary<string, string>
            {
                [Labels.ServiceName] = key.Name,
                [Labels.ManagedBy] = Manager,
            },
        };
        var existing = await Live.ListAsync(client, Kinds.EndpointSlices, key.Namespace, own, cancel);
        var wanted = ServiceEndpoints.Slices(service, pods, existing);
        foreach (var slice in wanted)
        {
            await WriteAsync(service, slice, existing.Find(e => e.Metadata.Name == slice.Metadata.Name), cancel);
        }

        foreach (var slice in existing.Where(e => wanted.All(w => w.Metadata.Name != e.Metadata.Name)))
        {
            await client.DeleteAsync(Kinds.EndpointSlices, ObjectKey.Of(slice), null, cancel);
        }
    }

    private async Task WriteAsync(
        Service service,
        EndpointSlice slice,
        EndpointSlice? existing,
        CancellationToken cancel
    )
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>())
        {
            [Labels.ServiceName] = service.Metadata.Name!,
            [Labels.ManagedBy] = Manager,
        };
        if (service.Spec!.ClusterIP == "None")
        {
            labels[Labels.Headless] = "";
        }

        if (existing is null)
        {
            var metadata = new ObjectMeta
            {
                Namespace = service.Metadata.Namespace,
                GenerateName = $"{service.Metadata.Name}-",
                Labels = labels,
                OwnerReferences = [Owners.Reference(Kinds.Services, service)],
            };
            await client.CreateAsync(Kinds.EndpointSlices, slice with { Metadata = metadata }, cancel);
            return;
        }

        var next = slice with { Metadata = existing.Metadata with { Labels = labels } };
        if (!Bytes(next).AsSpan().SequenceEqual(Bytes(existing)))
        {
            await client.ReplaceAsync(Kinds.EndpointSlices, next, cancel);
        }
    }

    private static byte[] Bytes(EndpointSlice slice) =>
        JsonSerializer.SerializeToUtf8Bytes(
            slice with
            {
                Metadata = slice.Metadata with
                {
                    Labels = new SortedDictionary<string, string>(
                        slice.Metadata.Labels!.ToDictionary(),
                        StringComparer.Ordinal
                    ),
                },
            },
            Kinds.EndpointSlices.Json
        );
}
