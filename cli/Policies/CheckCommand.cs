using System.CommandLine;
using Weft.Policy.Checks;

namespace Weft.Cli.Policies;

/// <summary>`weft policy check`.</summary>
internal static class CheckCommand
{
    private const int Errors = 1;
    private const int Warnings = 3;

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Manifests, YAML or JSON; a folder for the files in it, - for stdin.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = OutputOption.Create();
        var command = new Command(
            "check",
            """
            Find what is wrong with the NetworkPolicies of manifests, without a cluster.

            An error is what the API server would refuse. A warning is what it takes although it has no effect: rules and
            port names that match nothing among the pods, workloads and namespaces that are in the files too, and more.

            Exit code: 0 when nothing was found, 1 for errors, 3 for warnings alone.
            """
        )
        {
            files,
            output,
        };
        command.SetAction(parsed =>
        {
            var manifests = ManifestFiles.Read(parsed.GetRequiredValue(files));
            var findings = ManifestCheck.Of(manifests);
            var policies = ManifestCheck.Policies(manifests);
            parsed.Print(
                output,
                new CheckResult(policies, [.. findings.Select(found => new CheckedObject(found))]),
                PolicyJson.Plain.CheckResult,
                () => Text(findings, policies)
            );

            return findings.Any(found => found.Finding.Severity == Severity.Error) ? Errors
                : findings.Count > 0 ? Warnings
                : 0;
        });
        return command;
    }

    private static string Text(IReadOnlyList<ManifestFinding> findings, int policies) =>
        findings.Count > 0 ? string.Join('\n', findings)
        : policies == 1 ? "1 NetworkPolicy, nothing found."
        : $"{policies} NetworkPolicies, nothing found.";
}
