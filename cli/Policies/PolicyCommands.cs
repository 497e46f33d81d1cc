using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Weft.Policy.Cases;

namespace Weft.Cli.Policies;

/// <summary>`weft policy`: NetworkPolicies judged without a cluster.</summary>
internal static class PolicyCommands
{
    private const int Failure = 1;

    public static Command Create() =>
        new("policy", "Judge NetworkPolicies without a cluster.") { CheckCommand.Create(), Verdicts() };

    private static Command Verdicts()
    {
        var command = new Command(
            "verdicts",
            """
            Read clusters from stdin, one JSON object a line, and print the verdict of every connection between their pods.

            A line has "policies" (NetworkPolicies), "namespaces" (name to labels) and "pods" (namespace, name, labels, ip,
            ports). The answer is {"verdicts":{"fromNs/fromPod>toNs/toPod/PROTOCOL/port":"IE"}}: I when the destination's
            ingress allows it, E when the source's egress does, - in place of the one that does not.
            """
        );
        command.SetAction(_ => Judge(Console.In, Console.Out, Console.Error));
        return command;
    }

    /// <summary>One line out for each line in, until one makes no sense.</summary>
    private static int Judge(TextReader input, TextWriter output, TextWriter errors)
    {
        for (var number = 1; input.ReadLine() is { } line; number++)
        {
            try
            {
                var cluster =
                    JsonSerializer.Deserialize(line, CaseJson.Default.PolicyCase)
                    ?? throw new JsonException("null is no cluster");
                output.WriteLine(JsonSerializer.Serialize(CaseJudge.Judge(cluster), CaseJson.Plain.CaseVerdicts));
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"weft: line {number}: {e.Message}"));
                return Failure;
            }
        }

        return 0;
    }
}
