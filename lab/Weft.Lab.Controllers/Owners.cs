using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers;

/// <summary>Which object made which.</summary>
internal static class Owners
{
    /// <summary>As the owner of what its controller makes.</summary>
    public static OwnerReference Reference<T>(Resource<T> resource, T owner)
        where T : class, IKubernetesObject =>
        new()
        {
            ApiVersion = resource.ApiVersion,
            Kind = resource.Kind,
            Name = owner.Metadata.Name!,
            Uid = owner.Metadata.Uid!,
            Controller = true,
            BlockOwnerDeletion = true,
        };

    public static bool IsOwnedBy(this IKubernetesObject made, IKubernetesObject owner) =>
        made.ControllerOf()?.Uid == owner.Metadata.Uid;

    /// <summary>The key of the owner of a kind, or null.</summary>
    public static ObjectKey? OwnerKey<T>(this IKubernetesObject made, Resource<T> resource)
        where T : class, IKubernetesObject =>
        made.ControllerOf() is { } owner && owner.Kind == resource.Kind && owner.ApiVersion == resource.ApiVersion
            ? new ObjectKey(made.Metadata.Namespace, owner.Name)
            : null;

    private static OwnerReference? ControllerOf(this IKubernetesObject made) =>
        made.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true);
}
