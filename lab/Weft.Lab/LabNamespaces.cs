using Weft.Lab.Linux;
using Weft.Netlink;

namespace Weft.Lab;

/// <summary>Where something in the lab runs: a network namespace and, inside of a node, its mount namespace.</summary>
/// <param name="Netns">Path of the network namespace.</param>
/// <param name="MountNamespace">Path of the mount namespace, or null for the machine's own.</param>
internal sealed record LabNamespaces(string Netns, string? MountNamespace)
{
    public static LabNamespaces Of(NodeFiles node) => new(node.Netns, node.MountNamespace);

    public static LabNamespaces Of(PodFiles pod, NodeFiles node) => new(pod.Netns, node.MountNamespace);

    public static LabNamespaces Outside(LabDirectory lab) => new(lab.OutsideNetns, null);

    /// <summary>Runs on a thread of its own inside; what it starts is inside too.</summary>
    public T Run<T>(Func<T> inside)
    {
        using var network = NetworkNamespace.Open(Netns);
        using var mounts = MountNamespace is null ? null : File.OpenHandle(MountNamespace);
        return network.Run(() =>
        {
            if (mounts is not null)
            {
                Linux.MountNamespace.Enter(mounts);
            }

            return inside();
        });
    }
}
