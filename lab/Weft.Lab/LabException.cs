namespace Weft.Lab;

/// <summary>Something the user can change; the message says what.</summary>
public sealed class LabException(string message) : Exception(message);
