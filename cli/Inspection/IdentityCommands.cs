using System.CommandLine;
using System.Globalization;

namespace Weft.Cli.Inspection;

/// <summary>`weft identity`.</summary>
internal static class IdentityCommands
{
    public static Command Create() => new("identity", "See what policies can tell apart.") { List(), Get() };

    private static Command List() =>
        Make(
            new Command("list", "List the identities: each stands for all pods that no policy can tell apart."),
            _ => _ => true,
            _ => null,
            found =>
                Table.Render(
                    ["ID", "NAMESPACE", "LABELS", "NAMED PORTS", "PODS"],
                    [
                        .. found.Select(identity =>
                            (string[])
                                [
                                    identity.Id.ToString(CultureInfo.InvariantCulture),
                                    identity.Namespace,
                                    PodIdentities.Text(identity.Labels),
                                    identity.Ports.Count == 0 ? "-" : string.Join(',', identity.Ports),
                                    identity.Pods.Count.ToString(CultureInfo.InvariantCulture),
                                ]
                        ),
                    ]
                )
        );

    private static Command Get()
    {
        var which = new Argument<string>("ID|NAME") { Description = "Its number, or the name of the WeftIdentity." };
        return Make(
            new Command("get", "Show one identity and its pods.") { which },
            parsed =>
            {
                var text = parsed.GetRequiredValue(which);
                return identity => identity.Name == text || identity.Id.ToString(CultureInfo.InvariantCulture) == text;
            },
            parsed =>
                $"there is no identity {parsed.GetRequiredValue(which)}: see `weft identity list`; numbers below 256 stand for what is no pod of Weft's",
            found => string.Join("\n\n", found.Select(Detail))
        );
    }

    private static Command Make(
        Command command,
        Func<ParseResult, Func<IdentityReport, bool>> filter,
        Func<ParseResult, string?> whenNone,
        Func<IReadOnlyList<IdentityReport>, string> people
    )
    {
        var output = OutputOption.Create();
        var cluster = new ClusterOptions();
        command.Add(output);
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                using var client = cluster.Client(parsed, cluster.Lab(parsed));
                var (slices, identities) = await PodIdentities.ReadAsync(client, cancel);
                var found = PodIdentities.Identities(slices, identities).Where(filter(parsed)).ToList();
                if (found.Count == 0 && whenNone(parsed) is { } problem)
                {
                    throw new CommandException(problem);
                }

                parsed.Print(
                    output,
                    new IdentitiesResult(found),
                    InspectionJson.Plain.IdentitiesResult,
                    () => people(found)
                );
            }
        );
        return command;
    }

    private static string Detail(IdentityReport identity) =>
        string.Join(
            '\n',
            string.Create(CultureInfo.InvariantCulture, $"Identity {identity.Id} ({identity.Name})"),
            $"  namespace         {identity.Namespace}",
            $"  labels            {PodIdentities.Text(identity.Labels)}",
            $"  without labels    {Listed(identity.AbsentLabels)}",
            $"  namespace labels  {PodIdentities.Text(identity.NamespaceLabels)}",
            $"  without           {Listed(identity.AbsentNamespaceLabels)}",
            $"  named ports       {Listed(identity.Ports)}",
            $"  pods              {Listed(identity.Pods)}"
        );

    private static string Listed(IReadOnlyList<string> values) => values.Count == 0 ? "-" : string.Join(' ', values);
}
