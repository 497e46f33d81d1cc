using Weft.Kubernetes.Objects;
using Weft.Resources;

namespace Weft.Policy.Identities;

/// <summary>The ports that a pod names.</summary>
public static class NamedPorts
{
    /// <summary>Of its containers and its sidecars: init containers that go on running (KEP-753). In order.</summary>
    public static IReadOnlyList<WeftIdentityPort> Of(Pod pod) =>
        [
            .. (pod.Spec?.Containers ?? [])
                .Concat(pod.Spec?.InitContainers?.Where(init => init.RestartPolicy == "Always") ?? [])
                .SelectMany(container => container.Ports ?? [])
                .Where(port => !string.IsNullOrEmpty(port.Name))
                .Select(port => new WeftIdentityPort
                {
                    Name = port.Name!,
                    Protocol = port.Protocol ?? "TCP",
                    Port = port.Port,
                })
                .Distinct()
                .OrderBy(port => port.Name, StringComparer.Ordinal)
                .ThenBy(port => port.Protocol, StringComparer.Ordinal)
                .ThenBy(port => port.Port),
        ];
}
