using Weft.Agent.Identities;
using Weft.Agent.Services;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Services;
using Weft.Services.HostPorts;

namespace Weft.Agent.Kubernetes;

/// <summary>Events on objects that do not hold on this node as they were written.</summary>
internal sealed class ObjectEvents(EventRecorder events, string node, PodMirrors pods, ServiceMirrors? services)
{
    /// <summary>A policy is not in force for all pods it selects.</summary>
    public void NotInForce(ObjectKey policy, string problem)
    {
        if (pods.Policies.Get(policy) is { } regarding)
        {
            events.Warning(
                Kinds.NetworkPolicies,
                regarding,
                "NotInForce",
                "EnforcePolicy",
                $"On node {node} it is not in force for all pods it selects: {problem}. These stay under the policies of before, and new ones are closed."
            );
        }
    }

    /// <summary>Something of a Service, or a pod's host port, is not served.</summary>
    public void NotServed(ServiceProblem problem)
    {
        if (HostPort.PodOf(problem.Service) is { } owner)
        {
            if (pods.Pods.Get(owner) is { } pod)
            {
                events.Warning(Kinds.Pods, pod, problem.Reason, "ServeHostPort", $"On node {node}: {problem.Message}.");
            }
        }
        else if (services?.Services.Get(problem.Service) is { } regarding)
        {
            events.Warning(
                Kinds.Services,
                regarding,
                problem.Reason,
                "ServeService",
                $"On {(problem.IsEverywhere ? "every node" : $"node {node}")}: {problem.Message}.",
                problem.IsEverywhere
            );
        }
    }
}
