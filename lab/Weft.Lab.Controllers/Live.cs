using System.Text.Json;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Controllers;

/// <summary>Reads and writes that controllers share, always of the server itself.</summary>
internal static class Live
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>The pods that have this owner, and the labels it selects by.</summary>
    public static async Task<List<Pod>> PodsOf(
        KubernetesClient client,
        IKubernetesObject owner,
        LabelSelector? selector,
        CancellationToken cancel
    ) =>
        [
            .. (await ListAsync(client, Kinds.Pods, owner.Metadata.Namespace!, selector, cancel)).Where(pod =>
                pod.IsOwnedBy(owner)
            ),
        ];

    /// <summary>All pages of those with the labels of a selector; its expressions are left to the caller.</summary>
    public static async Task<List<T>> ListAsync<T>(
        KubernetesClient client,
        Resource<T> resource,
        string? inNamespace,
        LabelSelector? selector,
        CancellationToken cancel
    )
        where T : class, IKubernetesObject
    {
        List<T> all = [];
        string? next = null;
        do
        {
            var page = await client.ListAsync(
                resource,
                new ListOptions
                {
                    Namespace = inNamespace,
                    LabelSelector = string.Join(',', (selector?.MatchLabels ?? None).Select(l => $"{l.Key}={l.Value}")),
                    Limit = 500,
                    Continue = next,
                },
                cancel
            );
            all.AddRange(page.Items ?? []);
            next = page.Metadata?.Continue;
        } while (!string.IsNullOrEmpty(next));

        return all;
    }

    /// <summary>Begins the pod's graceful end. Fine when it is gone, or another has its name.</summary>
    public static async Task DeleteAsync(KubernetesClient client, Pod pod, CancellationToken cancel)
    {
        try
        {
            await client.DeleteAsync(
                Kinds.Pods,
                ObjectKey.Of(pod),
                new DeleteOptions { Uid = pod.Metadata.Uid },
                cancel
            );
        }
        catch (KubernetesException e) when (e.IsNotFound || e.IsConflict)
        {
            // Somebody was faster.
        }
    }

    /// <summary>The metadata that makes a patch fail when the object has changed since it was read.</summary>
    public static ObjectMeta Version(IKubernetesObject read) =>
        new() { Uid = read.Metadata.Uid, ResourceVersion = read.Metadata.ResourceVersion };

    public static Task WriteStatusAsync<T>(
        KubernetesClient client,
        Resource<T> resource,
        T change,
        ObjectKey key,
        CancellationToken cancel
    )
        where T : class, IKubernetesObject =>
        client.PatchAsync(
            resource,
            key,
            Patch.Merge(JsonSerializer.SerializeToUtf8Bytes(change, resource.Json)),
            cancel,
            "status"
        );

    public static Task ChangeAsync<T>(
        KubernetesClient client,
        Resource<T> resource,
        T change,
        ObjectKey key,
        CancellationToken cancel
    )
        where T : class, IKubernetesObject =>
        client.PatchAsync(
            resource,
            key,
            Patch.Merge(JsonSerializer.SerializeToUtf8Bytes(change, resource.Json)),
            cancel
        );
}
