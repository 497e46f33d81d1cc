namespace Weft.Datapath;

/// <summary>enum identity: the numbers below those of pods that policy tells apart.</summary>
public static class ReservedIdentity
{
    /// <summary>Outside of the cluster; such an address has no entry.</summary>
    public const uint World = 1;

    /// <summary>This node's own addresses.</summary>
    public const uint ThisNode = 2;

    /// <summary>Other nodes' own addresses.</summary>
    public const uint OtherNodes = 3;

    /// <summary>In a node's pod prefix, and nothing more is known of it.</summary>
    public const uint UnknownInCluster = 4;

    /// <summary>A pod that Kubernetes does not know, or not yet.</summary>
    public const uint Unmanaged = 5;

    /// <summary>The first number that stands for pods; every one below is known without a WeftIdentity.</summary>
    public const uint FirstPod = 256;
}
