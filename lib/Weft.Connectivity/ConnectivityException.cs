namespace Weft.Connectivity;

/// <summary>Connectivity could not be tested; the message says why and what to change.</summary>
public sealed class ConnectivityException(string message) : Exception(message);
