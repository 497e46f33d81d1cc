namespace Weft.Configuration;

/// <summary>A configuration cannot be used; the message names the key and says what to change.</summary>
public sealed class ConfigException(string message) : Exception(message);
