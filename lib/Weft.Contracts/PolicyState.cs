namespace Weft.Contracts;

/// <summary>What an agent makes of the network policies.</summary>
/// <param name="InForce">False until the policies have been put in force first after a start: until then pods stay under
/// those of before.</param>
/// <param name="Epoch">Number of the state in force.</param>
/// <param name="Policies">Network policies there are.</param>
/// <param name="Sets">Policy sets in the maps, those that end presently among them.</param>
/// <param name="Waiting">Policies whose newest version waits for pods to get the identities it needs.</param>
/// <param name="NotInForce">Policies that do not hold, or not in full, for some pods of this node.</param>
public sealed record PolicyState(
    bool InForce,
    uint Epoch,
    int Policies,
    int Sets,
    IReadOnlyList<WaitingPolicy> Waiting,
    IReadOnlyList<PolicyNotInForce> NotInForce
);

/// <summary>A policy's version that is not in force yet, while the one before it is.</summary>
/// <param name="Policy">namespace/name.</param>
/// <param name="Since">Since when.</param>
public sealed record WaitingPolicy(string Policy, DateTimeOffset Since);

/// <summary>A policy that does not hold for some pods.</summary>
/// <param name="Policy">namespace/name.</param>
/// <param name="Reason">Why, and what to change, in a sentence.</param>
public sealed record PolicyNotInForce(string Policy, string Reason);
