using Weft.Agent.Node;
using Weft.Configuration;

namespace Weft.Agent.Installation;

/// <summary>
/// What takes a privileged container, so that the agent's own need not be one: a bpffs that the host sees, and settings
/// below /proc/sys. It brings the plugin as well.
/// </summary>
internal static class NodePreparation
{
    /// <summary>Prepares the node; what is as it should be is left alone.</summary>
    /// <returns>1, with the reason on standard error, when it cannot be prepared.</returns>
    public static int Run(string plugin, string pluginDirectory, string bpfDirectory, TextWriter errors)
    {
        try
        {
            BpfFileSystem.EnsureMounted(bpfDirectory);
            Forwarding.Enable();
            PluginInstallation.Install(plugin, pluginDirectory);
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ConfigException)
        {
            errors.WriteLine($"weft-agent: the node cannot be prepared: {e.Message}");
            return 1;
        }
    }
}
