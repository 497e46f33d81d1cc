using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.EndToEnd.Contract;

/// <summary>The server has the kinds we think it has, where we think it has them.</summary>
public abstract class KindTests(ControlPlane cluster) : ContractTests(cluster)
{
    [Fact]
    public async Task Every_kind_is_served()
    {
        await IsServedAsync(Kinds.ConfigMaps);
        await IsServedAsync(Kinds.CustomResourceDefinitions);
        await IsServedAsync(Kinds.DaemonSets);
        await IsServedAsync(Kinds.Deployments);
        await IsServedAsync(Kinds.EndpointSlices);
        await IsServedAsync(Kinds.Events);
        await IsServedAsync(Kinds.Leases);
        await IsServedAsync(Kinds.Namespaces);
        await IsServedAsync(Kinds.NetworkPolicies);
        await IsServedAsync(Kinds.Nodes);
        await IsServedAsync(Kinds.Pods);
        await IsServedAsync(Kinds.ReplicaSets);
        await IsServedAsync(Kinds.Services);
    }

    [Fact]
    public async Task An_event_is_taken_and_names_what_it_is_about()
    {
        var map = await CreateAsync(Map("one"));
        var recorder = new EventRecorder(Client, "weft.dev/test", "here");
        recorder.Warning(Kinds.ConfigMaps, map, "Tested", "Test", "it was tested");
        var events = new ObjectList<Event>();
        while (events.Items is not { Count: > 0 })
        {
            events = await Client.ListAsync(Kinds.Events, new ListOptions { Namespace = Namespace }, Cancellation);
        }

        var seen = Assert.Single(events.Items);
        Assert.Equal(("Warning", "Tested", "it was tested"), (seen.Type, seen.Reason, seen.Note));
        Assert.Equal(("ConfigMap", "one"), (seen.Regarding!.Kind, seen.Regarding.Name));
        Assert.Equal(map.Metadata.Uid, seen.Regarding.Uid);
    }

    /// <summary>The server knows the path of the list and of an object, and means our kind by it.</summary>
    private async Task IsServedAsync<T>(Resource<T> resource)
        where T : class, IKubernetesObject
    {
        var list = await Client.ListAsync(resource.Unstructured, new ListOptions { Limit = 1 }, Cancellation);
        Assert.NotNull(list.Metadata!.ResourceVersion);
        var none = new ObjectKey(resource.Namespaced ? Namespace : null, "none");
        var refused = await RefusedAsync(() => Client.GetAsync(resource, none, Cancellation));
        Assert.Equal(("none", resource.Group, resource.Plural), Told(refused.Status!.Details!));

        static (string?, string, string?) Told(StatusDetails details) =>
            (details.Name, details.Group ?? "", details.Kind);
    }
}
