namespace Weft.Lab;

/// <summary>What a lab is to be.</summary>
/// <param name="Nodes">How many nodes.</param>
/// <param name="Routing">How packets get from node to node.</param>
/// <param name="Kubeconfig">An API server that runs already, for the nodes to join; null for one of the lab's own.</param>
/// <param name="WithoutKubernetes">Nodes that know of each other by files, and pods that only the lab knows of.</param>
public sealed record LabShape(
    int Nodes,
    RoutingMode Routing,
    string? Kubeconfig = null,
    bool WithoutKubernetes = false
);

/// <summary>What each node runs.</summary>
public enum NodeProgram
{
    Agent,
    Kubelet,
}

/// <summary>What the cluster has once.</summary>
public enum ClusterProgram
{
    ApiServer,
    Controllers,
    Operator,
}
