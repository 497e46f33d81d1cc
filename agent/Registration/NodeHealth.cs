namespace Weft.Agent.Registration;

/// <summary>Whether the node can serve pods, and why not.</summary>
/// <param name="IsReady">Pods get addresses and a network.</param>
/// <param name="Reason">One word for programs.</param>
/// <param name="Message">A sentence for people.</param>
internal sealed record NodeHealth(bool IsReady, string Reason, string Message)
{
    /// <summary>As conditions have it.</summary>
    public string Status => IsReady ? "True" : "False";

    /// <summary>All is well.</summary>
    public static NodeHealth Up { get; } = new(true, "WeftIsUp", "Pods get addresses and a network on this node");

    /// <summary>Nobody has told the node which addresses its pods get.</summary>
    public static NodeHealth NoPodCidrs { get; } =
        new(false, "NoPodCIDRs", "The node waits for spec.podCIDRs of its WeftNode, which weft-operator writes");

    /// <summary>The node's devices, routes or maps could not be made right.</summary>
    public static NodeHealth Failing(string reason) => new(false, "SetupFails", reason);

    /// <summary>Pods of other nodes are not known by their identities.</summary>
    public static NodeHealth PeersMapFull { get; } =
        new(false, "PeersMapFull", "The peers map cannot take all pods of the cluster; see docs/limits.md");
}
