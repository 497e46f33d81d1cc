namespace Weft.Contracts;

/// <summary>Where the parts of Weft find each other on a node.</summary>
public static class WeftPaths
{
    /// <summary>The agent's run directory: its socket and its endpoints' records. On tmpfs, for links do not outlive a boot either.</summary>
    public const string RunDirectory = "/run/weft";

    /// <summary>Name of the agent's socket inside the run directory.</summary>
    public const string SocketName = "agent.sock";

    /// <summary>The socket the plugin calls unless its configuration says otherwise.</summary>
    public const string DefaultSocket = RunDirectory + "/" + SocketName;
}
