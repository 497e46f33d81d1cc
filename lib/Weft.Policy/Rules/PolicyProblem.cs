namespace Weft.Policy.Rules;

/// <summary>Something in a policy that makes no sense.</summary>
/// <param name="Path">Where, below <c>spec</c>: "ingress[0].from[1].ipBlock.cidr".</param>
/// <param name="Message">What, and what to write instead.</param>
public sealed record PolicyProblem(string Path, string Message)
{
    /// <summary>"path: message".</summary>
    public override string ToString() => $"{Path}: {Message}";
}
