namespace Weft.Tests.Cni;

/// <summary>One call that must be refused before the agent is asked: with which code, and which words the message holds.</summary>
public sealed record MalformedInput(
    int Code,
    string[] Names,
    IReadOnlyDictionary<string, string> Environment,
    string Config
);
