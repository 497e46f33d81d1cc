using Weft.Kubernetes.Objects;

namespace Weft.Kubernetes.Informers;

/// <summary>A whole list at one version of the server, page by page.</summary>
internal sealed class Lister<T>(KubernetesClient client, Resource<T> resource, InformerOptions<T> options)
    where T : class, IKubernetesObject
{
    // client-go's page.
    private const int Page = 500;

    /// <summary>Reads a whole list, and hands each object over as it comes.</summary>
    /// <param name="oldest">
    /// Version it must not be older than: "0" for any, which the server answers from memory; empty for the newest, which
    /// costs a read of etcd.
    /// </param>
    /// <param name="begin">Called when a list begins: what an unfinished one before handed over does not count.</param>
    /// <param name="trim">What is kept of an object; called as it is decoded, and again if its page is read again.</param>
    /// <param name="add">Takes an object, as it is kept.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The list's version.</returns>
    public async Task<string> ListAsync(
        string oldest,
        Action begin,
        Func<T, T> trim,
        Action<T> add,
        CancellationToken cancellation
    )
    {
        begin();
        int? limit = Page;
        string? next = null;
        while (true)
        {
            ObjectList<T> page;
            try
            {
                page = await client.ListAsync(resource, Request(oldest, limit, next), trim, cancellation);
            }
            catch (KubernetesException e) when (e.IsGone && next is not null)
            {
                // The version of the first pages was compacted meanwhile. All in one answer cannot be overtaken again.
                begin();
                (oldest, limit, next) = ("", null, null);
                continue;
            }

            foreach (var obj in page.Items ?? [])
            {
                add(obj);
            }

            next = page.Metadata?.Continue;
            if (string.IsNullOrEmpty(next))
            {
                return page.Metadata?.ResourceVersion
                    ?? throw new KubernetesException($"the list of {resource} has no resourceVersion to watch from");
            }
        }
    }

    private ListOptions Request(string oldest, int? limit, string? next) =>
        new()
        {
            Namespace = options.Namespace,
            LabelSelector = options.LabelSelector,
            FieldSelector = options.FieldSelector,
            Limit = limit,
            Continue = next,
            // A page that goes on has its version in its token; the server refuses both.
            ResourceVersion = next is null ? oldest : null,
            ResourceVersionMatch = next is null && oldest.Length > 0 ? "NotOlderThan" : null,
        };
}
