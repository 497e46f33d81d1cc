using System.Text;
using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes.Http;

/// <summary>Where the server has a kind's objects.</summary>
internal static class ResourcePath
{
    /// <summary>Path of a collection, relative to the server's base address.</summary>
    public static string Of<T>(Resource<T> resource, string? @namespace)
        where T : class, IKubernetesObject
    {
        var root = resource.Group.Length == 0 ? $"api/{resource.Version}" : $"apis/{resource.ApiVersion}";
        return @namespace is null || !resource.Namespaced
            ? $"{root}/{resource.Plural}"
            : $"{root}/namespaces/{Uri.EscapeDataString(@namespace)}/{resource.Plural}";
    }

    /// <summary>Path of the collection that an object is created in.</summary>
    public static string ForNew<T>(Resource<T> resource, string? @namespace)
        where T : class, IKubernetesObject =>
        resource.Namespaced && @namespace is null
            ? throw new ArgumentException($"{resource} are in namespaces; the object has none")
            : Of(resource, @namespace);

    /// <summary>Path of an object or of a part of it such as "status".</summary>
    public static string Of<T>(Resource<T> resource, ObjectKey key, string? subresource)
        where T : class, IKubernetesObject
    {
        if (resource.Namespaced && key.Namespace is null)
        {
            throw new ArgumentException($"{resource} are in namespaces; the key of {key.Name} has none");
        }

        var path = $"{Of(resource, key.Namespace)}/{Uri.EscapeDataString(key.Name)}";
        return subresource is null ? path : $"{path}/{subresource}";
    }

    /// <summary>The path with those parameters that have a value.</summary>
    public static string With(this string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var text = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }

        return text.ToString();
    }
}
