namespace Weft.Cli;

/// <summary>A command cannot do what it was asked to; the message is for the user.</summary>
internal sealed class CommandException(string message) : Exception(message);
