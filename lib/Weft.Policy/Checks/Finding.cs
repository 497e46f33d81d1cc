namespace Weft.Policy.Checks;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>The API server refuses the object, or it cannot be read.</summary>
    Error,

    /// <summary>The API server takes it, but it does not do what it seems to say.</summary>
    Warning,
}

/// <summary>What a check found in one object.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Path">Where in the object: "spec.ingress[0].from[1].ipBlock.cidr"; empty for all of it.</param>
/// <param name="Message">One sentence: what is wrong and what to change.</param>
public sealed record Finding(Severity Severity, string Path, string Message)
{
    /// <summary>"path: message".</summary>
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}
