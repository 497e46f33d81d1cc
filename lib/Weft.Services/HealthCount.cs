namespace Weft.Services;

/// <summary>Counts what a Service's health check is about.</summary>
internal static class HealthCount
{
    public static ServiceHealth? Of(ServiceState state, LocalNode node) =>
        state.Rules is { HealthCheckNodePort: > 0 } rules
            ? new ServiceHealth(
                state.Key,
                rules.HealthCheckNodePort,
                rules.Families.Select(family => Ready(state, node, family.IsV4)).DefaultIfEmpty().Max()
            )
            : null;

    /// <summary>By address, as a pod with two ports is one; and in one family, as a pod with both is one too.</summary>
    private static int Ready(ServiceState state, LocalNode node, bool isV4) =>
        state
            .Ports.Values.Where(port => port.Key.IsV4 == isV4)
            .SelectMany(port => port.Endpoints)
            .Where(endpoint => endpoint.Endpoint.Ready && endpoint.Endpoint.NodeName == node.Name)
            .Select(endpoint => endpoint.Key.Address)
            .Distinct()
            .Count();
}
