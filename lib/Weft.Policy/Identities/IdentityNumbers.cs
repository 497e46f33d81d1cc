using Weft.Resources;

namespace Weft.Policy.Identities;

/// <summary>Numbers for identities: the preferred one, or the next that is free.</summary>
public static class IdentityNumbers
{
    private const uint Count = WeftIdentitySpec.LastId - WeftIdentitySpec.FirstId + 1;

    /// <summary>Any number, brought into the range of those that are given.</summary>
    public static uint InRange(uint number) => WeftIdentitySpec.FirstId + (number % Count);

    /// <summary>
    /// The preferred number or, going up and around, the first that is not used; null when all 16,776,960 are.
    /// The same for everybody who knows the same numbers as used.
    /// </summary>
    public static uint? Pick(uint preferred, Func<uint, bool> isUsed)
    {
        for (var step = 0u; step < Count; step++)
        {
            var number = InRange(preferred - WeftIdentitySpec.FirstId + step);
            if (!isUsed(number))
            {
                return number;
            }
        }

        return null;
    }
}
