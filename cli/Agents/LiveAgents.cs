using Weft.Contracts;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Lab;

namespace Weft.Cli.Agents;

/// <summary>Finds the agents that can be asked from here.</summary>
internal static class LiveAgents
{
    /// <summary>The label that the chart gives to agents' pods.</summary>
    public const string Selector = "app.kubernetes.io/name=weft-agent";

    /// <summary>
    /// A lab's, by their sockets; a cluster's, by their pods; where agents are no pods, the one of the node this runs on,
    /// if it is a node. In the order of their nodes' names.
    /// </summary>
    /// <param name="lab">The lab, if the cluster is one.</param>
    /// <param name="client">The cluster's API, if it has one.</param>
    /// <param name="cancel">Ends the search.</param>
    public static async Task<IReadOnlyList<LiveAgent>> FindAsync(
        LabDirectory? lab,
        KubernetesClient? client,
        CancellationToken cancel
    )
    {
        if (lab is not null)
        {
            return
            [
                .. lab.NodeNumbers()
                    .Select(number => lab.Node(number))
                    .Select(node => new SocketAgent(node.Name, node.Socket)),
            ];
        }

        var pods = client is null
            ? null
            : (await client.ListAsync(Kinds.Pods, new ListOptions { LabelSelector = Selector }, cancel)).Items;
        var agents = (pods ?? [])
            .Where(pod => pod is { Spec.NodeName: not null, Status.Phase: "Running" })
            .Select(pod => new PodAgent(pod.Spec!.NodeName!, client!, ObjectKey.Of(pod)))
            .OrderBy(agent => agent.Node, StringComparer.Ordinal)
            .ToList();
        return agents.Count > 0 ? agents
            : File.Exists(WeftPaths.DefaultSocket) ? [await HereAsync(cancel)]
            : [];
    }

    /// <summary>The agent of the machine this runs on; a node need not be called as its machine is.</summary>
    private static async Task<LiveAgent> HereAsync(CancellationToken cancel)
    {
        var here = new SocketAgent(Environment.MachineName, WeftPaths.DefaultSocket);
        var answer = (await AskAllAsync([here], new AgentRequest(AgentVerb.State), cancel))[0];
        return here with { Node = answer.Response?.State?.Node ?? here.Node };
    }

    /// <summary>As the other, for a command that needs one.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static async Task<IReadOnlyList<LiveAgent>> RequireAsync(
        LabDirectory? lab,
        KubernetesClient? client,
        CancellationToken cancel
    ) =>
        await FindAsync(lab, client, cancel) is { Count: > 0 } agents
            ? agents
            : throw new CommandException(
                $"no agent can be asked from here: name a cluster where the chart is installed with --kubeconfig or a lab with --dir, or run it on a node, where {WeftPaths.DefaultSocket} is"
            );

    /// <summary>Asks all, some at a time; an agent that does not answer has a problem in place of an answer.</summary>
    public static async Task<IReadOnlyList<AgentAnswer>> AskAllAsync(
        IReadOnlyList<LiveAgent> agents,
        AgentRequest request,
        CancellationToken cancel
    )
    {
        var answers = new AgentAnswer[agents.Count];
        await Parallel.ForAsync(
            0,
            agents.Count,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancel },
            async (index, token) =>
            {
                var agent = agents[index];
                try
                {
                    answers[index] = new AgentAnswer(agent.Node, await agent.AskAsync(request, token), null);
                }
                catch (Exception e) when (e is IOException or CommandException)
                {
                    answers[index] = new AgentAnswer(agent.Node, null, e.Message);
                }
            }
        );
        return answers;
    }
}

/// <summary>What an agent said, or why it said nothing.</summary>
internal sealed record AgentAnswer(string Node, AgentResponse? Response, string? Problem);
