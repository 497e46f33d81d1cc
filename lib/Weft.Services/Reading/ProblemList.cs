using Weft.Kubernetes.Objects;

namespace Weft.Services.Reading;

/// <summary>Collects the problems of one Service.</summary>
internal sealed class ProblemList(ObjectKey service)
{
    private readonly List<ServiceProblem> problems = [];

    public void Add(string reason, string message) =>
        problems.Add(new ServiceProblem(service, reason, message, IsEverywhere: true));

    public ValueList<ServiceProblem> ToList() => [.. problems];
}
