namespace Weft.Agent.Services;

/// <summary>How much a node serves.</summary>
/// <param name="Frontends">Addresses and ports of Services.</param>
/// <param name="Backends">Endpoints behind them, each address and port once.</param>
/// <param name="Unwritten">Frontends that the maps have no room for.</param>
/// <param name="InForce">Whether the maps have the Services of now, and not those of before a restart.</param>
internal sealed record ServiceCounts(int Frontends, int Backends, int Unwritten, bool InForce);
