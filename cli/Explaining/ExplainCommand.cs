using System.CommandLine;
using Weft.Cli.Agents;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Cli.Explaining;

/// <summary>`weft explain`.</summary>
internal static class ExplainCommand
{
    private const int Different = 3;

    public static Command Create()
    {
        var from = new Argument<string>("FROM") { Description = "NAMESPACE/POD, an address, or world." };
        var to = new Argument<string>("TO")
        {
            Description =
                "The other end, likewise, or a Service: NAMESPACE/SERVICE if no pod is called so, or its address.",
        };
        var port = new Argument<string>("PORT")
        {
            Description = "80, 80/UDP, 80/SCTP, the name of a port of TO, or icmp (to no Service).",
        };
        var output = OutputOption.Create();
        var cluster = new ClusterOptions();
        var command = new Command(
            "explain",
            """
            Tell whether a connection passes the network policies, and why: the rule that allows it, or the policies that
            select the pod and none of which does. It is judged by the objects of the cluster and, as far as agents can be
            asked, by the maps that packets are judged by; where the two differ it says so. A connection to a Service is
            judged for each endpoint that it may go to.

            Exit code: 0 when it could be told, 3 when maps and objects differ.
            """
        )
        {
            from,
            to,
            port,
            output,
        };
        cluster.AddTo(command);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var lab = cluster.Lab(parsed);
                using var client = cluster.Client(parsed, lab);
                var names = new EndNames(client, cancel);
                var source = await names.FindAsync(parsed.GetRequiredValue(from));
                var (target, number) = (parsed.GetRequiredValue(to), parsed.GetRequiredValue(port));
                var agents = await LiveAgents.FindAsync(lab, client, cancel);
                var explainer = new Explainer(names, await PoliciesAsync(client, cancel), agents);
                var routes = await names.IsPodAsync(target)
                    ? null
                    : await new ServiceRoutes(client, cancel).FindAsync(source, target, number);
                var result = routes is null
                    ? explainer.ToEnd(source, await names.FindAsync(target), number)
                    : await explainer.ToServiceAsync(source, target, routes);
                parsed.Print(
                    output,
                    result,
                    ExplainJson.Plain.ExplainResult,
                    () => string.Join('\n', ExplainText.Of(result))
                );
                return result.Differs ? Different : 0;
            }
        );
        return command;
    }

    private static async Task<IReadOnlyList<NetworkPolicy>> PoliciesAsync(
        KubernetesClient client,
        CancellationToken cancel
    ) => (await client.ListAsync(Kinds.NetworkPolicies, new ListOptions(), cancel)).Items ?? [];
}
