namespace Weft.Policy.Rules;

/// <summary>Seen from the pod a policy selects.</summary>
public enum Direction : byte
{
    /// <summary>To the pod.</summary>
    Ingress,

    /// <summary>From the pod.</summary>
    Egress,
}
