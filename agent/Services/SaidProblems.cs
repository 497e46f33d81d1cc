using Weft.Kubernetes.Objects;
using Weft.Services;

namespace Weft.Agent.Services;

/// <summary>What has been said about each Service, so that each problem is said once, and again when it comes back.</summary>
internal sealed class SaidProblems
{
    private readonly Dictionary<ObjectKey, IReadOnlyList<ServiceProblem>> said = [];

    /// <summary>Those of the Service's problems that are news.</summary>
    public IReadOnlyList<ServiceProblem> News(ObjectKey service, IReadOnlyList<ServiceProblem> problems)
    {
        var before = said.GetValueOrDefault(service, []);
        if (problems.Count == 0)
        {
            said.Remove(service);
        }
        else
        {
            said[service] = problems;
        }

        return [.. problems.Except(before)];
    }
}
