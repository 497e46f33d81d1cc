namespace Weft.Policy.Identities;

/// <summary>Numbers below <see cref="Weft.Resources.WeftIdentitySpec.FirstId"/>: what is not a pod whose labels are known.</summary>
public static class ReservedIdentity
{
    /// <summary>Nothing is known yet; never on the wire.</summary>
    public const uint Unknown = 0;

    /// <summary>Outside of the cluster.</summary>
    public const uint World = 1;

    /// <summary>The node that judges the packet.</summary>
    public const uint ThisHost = 2;

    /// <summary>Another node.</summary>
    public const uint OtherNode = 3;

    /// <summary>An address of the cluster's pods that no slice names yet: must not be taken for the world.</summary>
    public const uint UnknownInCluster = 4;

    /// <summary>A pod of Weft's that cannot be identified, because the API server is away for example.</summary>
    public const uint Unmanaged = 5;
}
