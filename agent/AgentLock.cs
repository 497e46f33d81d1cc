using Weft.Configuration;

namespace Weft.Agent;

/// <summary>Two agents on one node would undo each other's work, and one would undo that of whoever cleans up.</summary>
internal static class AgentLock
{
    /// <summary>Name of its file in the run directory.</summary>
    public const string FileName = "agent.lock";

    /// <summary>Takes it, until it is disposed of or the process ends.</summary>
    /// <exception cref="ConfigException">Another process has it.</exception>
    public static FileStream Take(string runDirectory)
    {
        Directory.CreateDirectory(runDirectory);
        var path = Path.Combine(runDirectory, FileName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new ConfigException(
                $"another agent runs with \"runDirectory\" {runDirectory}; stop it first ({e.Message})"
            );
        }
    }
}
