namespace Weft.Kubernetes.Exec;

/// <summary>What a command in a container said.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to its standard output, as UTF-8.</param>
/// <param name="Error">What it wrote to its standard error.</param>
public sealed record ExecOutput(int ExitCode, string Output, string Error);
