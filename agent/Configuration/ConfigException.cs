namespace Weft.Agent.Configuration;

/// <summary>The configuration cannot be used; the message names the key and says what to change.</summary>
internal sealed class ConfigException(string message) : Exception(message);
