using Microsoft.Extensions.Logging;
using Weft.Agent.Configuration;
using Weft.Agent.Installation;

namespace Weft.Agent.Readiness;

/// <summary>Tells the runtime that pods may come, as soon as they may, and again when somebody's hand was in its directory.</summary>
internal sealed partial class ReadyRuntime(
    KubernetesSettings settings,
    string runDirectory,
    bool servesServices,
    ILogger logger
)
{
    /// <summary>Weft's configuration comes first, then the others go: the runtime never finds none.</summary>
    public void Announce() =>
        Attempt.Try(
            logger,
            () =>
            {
                CniConfiguration.Write(settings, runDirectory, servesServices);
                if (
                    settings.CniExclusive
                    && OtherNetworks.SetAside(settings.CniConfigDirectory) is { Count: > 0 } others
                )
                {
                    LogSetAside(string.Join(", ", others));
                }
            }
        );

    /// <summary>Without a watch, which a machine has only so many of, the directory is looked at whenever the node changes.</summary>
    public CniDirectory? Watch(Action changed)
    {
        try
        {
            return new CniDirectory(settings.CniConfigDirectory, changed);
        }
        catch (IOException e)
        {
            LogUnwatched(settings.CniConfigDirectory, e.Message);
            return null;
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "{Directory} cannot be watched; what becomes of it is seen with the node's next change: {Reason}"
    )]
    private partial void LogUnwatched(string directory, string reason);

    [LoggerMessage(LogLevel.Warning, "CNI configurations of other networks are set aside: {Files}")]
    private partial void LogSetAside(string files);
}
