namespace Weft.Bench;

/// <summary>A measurement that could not be made; the message says why and what to change.</summary>
internal sealed class BenchException(string message) : Exception(message);
