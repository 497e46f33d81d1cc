using Weft.Bpf;
using Weft.Contracts;
using Weft.Kubernetes.Objects;
using Weft.Netlink;

namespace Weft.Agent.Services;

/// <summary>
/// Pods whose sockets are left alone, for they cannot work there: a virtual machine's kernel has its own sockets, and a
/// proxy inside of the pod wants to see the Service's address. Their packets are translated instead.
/// </summary>
/// <param name="map">Their network namespaces, by cookie.</param>
/// <param name="isWished">Whether the object of a pod wishes it.</param>
internal sealed class PacketOnlyPods(BpfMap<ulong, byte> map, Func<PodReference, bool> isWished)
{
    /// <summary>The annotation of such a pod; its value is "false".</summary>
    public const string Annotation = "weft.dev/socket-lb";

    /// <summary>Whether a pod has the annotation.</summary>
    public static bool IsWished(Pod? pod) => pod?.Metadata.Annotations?.GetValueOrDefault(Annotation) == "false";

    /// <summary>Before anything runs in it: notes a pod's namespace if the pod wishes it, and returns the cookie then.</summary>
    /// <exception cref="BpfException">The map is full.</exception>
    public ulong? Take(PodReference? pod, NetworkNamespace network)
    {
        if (pod is null || !isWished(pod))
        {
            return null;
        }

        var cookie = network.Cookie();
        map.Update(cookie, 1);
        return cookie;
    }

    /// <summary>A namespace is gone.</summary>
    public void Release(ulong cookie) => map.Remove(cookie);

    /// <summary>After a restart these and no others are there.</summary>
    public void Restore(IReadOnlySet<ulong> cookies)
    {
        var there = map.ToDictionary();
        foreach (var cookie in cookies.Where(cookie => !there.ContainsKey(cookie)))
        {
            map.Update(cookie, 1);
        }

        foreach (var stray in there.Keys.Where(cookie => !cookies.Contains(cookie)))
        {
            map.Remove(stray);
        }
    }
}
