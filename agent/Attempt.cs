using Microsoft.Extensions.Logging;
using Weft.Bpf;
using Weft.Configuration;
using Weft.Netlink;

namespace Weft.Agent;

/// <summary>What the machine may refuse at any time and take later: it is logged, where all else ends the agent.</summary>
internal static partial class Attempt
{
    /// <summary>Does it; false when the machine refuses.</summary>
    public static bool Try(ILogger logger, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (IsRefusal(e))
        {
            LogFailed(logger, e);
            return false;
        }
    }

    /// <summary>True for what the kernel, the file system or the settings' fit to this machine may cause.</summary>
    public static bool IsRefusal(Exception e) =>
        e is NetlinkException or BpfException or IOException or UnauthorizedAccessException or ConfigException;

    [LoggerMessage(LogLevel.Error, "Following a change failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
