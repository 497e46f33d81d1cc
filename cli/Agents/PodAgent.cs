using System.Text.Json;
using Weft.Contracts;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;

namespace Weft.Cli.Agents;

/// <summary>An agent in a pod, asked by running `weft-agent ask` beside it, as `kubectl exec` would.</summary>
internal sealed record PodAgent(string Node, KubernetesClient Client, ObjectKey Pod) : LiveAgent(Node)
{
    private const string Container = "agent";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    protected override async Task<AgentResponse> CallAsync(AgentRequest request, CancellationToken cancel)
    {
        var question = JsonSerializer.Serialize(request, ContractsJson.Default.AgentRequest);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        try
        {
            var said = await Client.ExecAsync(Pod, Container, ["/usr/bin/weft-agent", "ask", question], limit.Token);
            return said.ExitCode == 0
                ? JsonSerializer.Deserialize(said.Output, ContractsJson.Default.AgentResponse)
                    ?? throw new IOException($"pod {Pod} answered null")
                : throw new IOException($"pod {Pod}: {said.Error.Trim()}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new IOException($"pod {Pod} did not answer within {Patience.TotalSeconds} s");
        }
        catch (KubernetesException e)
        {
            throw new IOException(
                e.IsForbidden
                    ? $"you may not run commands in pod {Pod}: take a user who may create pods/exec there"
                    : e.Message,
                e
            );
        }
        catch (JsonException e)
        {
            throw new IOException(
                $"the answer of pod {Pod} cannot be read; is weft of the same version as the agent? {e.Message}",
                e
            );
        }
    }
}
