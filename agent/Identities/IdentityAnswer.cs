namespace Weft.Agent.Identities;

/// <summary>A pod's identity, or what is missing to know it.</summary>
/// <param name="Number">The identity; null when something is missing.</param>
/// <param name="Missing">What, in a sentence that says who has to do something.</param>
internal readonly record struct IdentityAnswer(uint? Number, string? Missing)
{
    public static IdentityAnswer Is(uint number) => new(number, null);

    public static IdentityAnswer Lacks(string what) => new(null, what);
}
