using Weft.Services.Backends;

namespace Weft.Services.Frontends;

/// <summary>What some sources get from a frontend.</summary>
/// <param name="Action">Forward exactly when there are backends.</param>
/// <param name="Backends">Whom it may go to.</param>
public sealed record Selection(ServiceAction Action, BackendList Backends);
