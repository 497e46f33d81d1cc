using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes;

/// <summary>Tells the users of objects what happened to them, as Events.</summary>
/// <param name="client">Where to.</param>
/// <param name="controller">Who reports, such as "weft.dev/operator".</param>
/// <param name="instance">Which one of them, such as the pod's or the node's name.</param>
public sealed class EventRecorder(KubernetesClient client, string controller, string instance)
{
    /// <summary>Something went as it should.</summary>
    public void Normal<T>(Resource<T> resource, T regarding, string reason, string action, string note)
        where T : class, IKubernetesObject => Record(resource, regarding, "Normal", reason, action, note);

    /// <summary>Something went wrong.</summary>
    public void Warning<T>(Resource<T> resource, T regarding, string reason, string action, string note)
        where T : class, IKubernetesObject => Record(resource, regarding, "Warning", reason, action, note);

    private void Record<T>(Resource<T> resource, T regarding, string type, string reason, string action, string note)
        where T : class, IKubernetesObject
    {
        var meta = regarding.Metadata;
        var seen = new Event
        {
            Metadata = new ObjectMeta
            {
                Namespace = meta.Namespace ?? "default",
                Name = $"{meta.Name}.{DateTime.UtcNow.Ticks:x}",
            },
            EventTime = DateTimeOffset.UtcNow,
            ReportingController = controller,
            ReportingInstance = instance,
            Type = type,
            Reason = reason,
            Action = action,
            Note = note,
            Regarding = new ObjectReference
            {
                ApiVersion = resource.ApiVersion,
                Kind = resource.Kind,
                Namespace = meta.Namespace,
                Name = meta.Name,
                Uid = meta.Uid,
            },
        };
        _ = client.CreateAsync(Resources.Events, seen, CancellationToken.None);
    }
}
