using Weft.Kubernetes.Objects;

namespace Weft.Services;

/// <summary>Something about a Service, or a pod's host ports, that cannot work. The rest of it does.</summary>
/// <param name="Service">Whose.</param>
/// <param name="Reason">In one word, as Events and conditions have it.</param>
/// <param name="Message">What is left out and why.</param>
/// <param name="IsEverywhere">Every node has the same problem, and says so in the same words.</param>
public sealed record ServiceProblem(ObjectKey Service, string Reason, string Message, bool IsEverywhere = false);
