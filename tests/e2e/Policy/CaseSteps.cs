using Weft.Lab.Probes;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>One thing that a case does.</summary>
internal abstract record CaseStep
{
    public abstract Task DoAsync(PolicyLab lab);
}

/// <summary>kubectl apply of a NetworkPolicy; {x/b} in its spec is that pod's address of a family, as /32 or /128.</summary>
internal sealed record ApplyPolicy(string Namespace, string Name, string Spec) : CaseStep
{
    public override Task DoAsync(PolicyLab lab)
    {
        var pods = lab.Pods.SelectMany(pod =>
            new[]
            {
                ($"{{{pod.Name}/v4}}", $"{pod.Addresses[0]}/32"),
                ($"{{{pod.Name}/v6}}", $"{pod.Addresses[1]}/128"),
            }
        );
        var spec = pods.Aggregate(Spec, (text, pod) => text.Replace(pod.Item1, pod.Item2, StringComparison.Ordinal));
        lab.Apply(
            $$"""
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: {{Name}}, namespace: '{{Namespace}}'}
            spec: { {{spec}} }
            """
        );
        return Task.CompletedTask;
    }
}

/// <summary>kubectl delete of all policies.</summary>
internal sealed record DeletePolicies : CaseStep
{
    public override Task DoAsync(PolicyLab lab)
    {
        lab.Kubectl("delete", "networkpolicies", "--all", "--all-namespaces");
        return Task.CompletedTask;
    }
}

/// <summary>kubectl label.</summary>
internal sealed record Label(string Kind, string Namespace, string Name, string Text) : CaseStep
{
    public override Task DoAsync(PolicyLab lab)
    {
        lab.Kubectl("label", Kind, Name, "-n", Namespace, "--overwrite", Text);
        return Task.CompletedTask;
    }
}

/// <summary>The truth table is, or becomes, this one.</summary>
internal sealed record Expect(PathProtocol Protocol, ushort Port, Func<PodRef, PodRef, bool> Allowed) : CaseStep
{
    public override Task DoAsync(PolicyLab lab) =>
        Reachability.BecomesAsync(lab.Pods, new Expectation(Protocol, Port, Allowed));
}
