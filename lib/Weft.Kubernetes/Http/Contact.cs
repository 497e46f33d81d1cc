using Microsoft.Extensions.Logging;

namespace Weft.Kubernetes.Http;

/// <summary>
/// Whether the API server answers, whatever it says. Told by every request, and logged when it changes: once when the
/// server is gone, once when it is back, however many requests fail in between.
/// </summary>
internal sealed partial class Contact(ILogger logger)
{
    private int isLost;

    /// <summary>A request was answered.</summary>
    public void Answered()
    {
        if (Interlocked.Exchange(ref isLost, 0) == 1)
        {
            LogBack();
        }
    }

    /// <summary>A request was not.</summary>
    public void Lost(string why)
    {
        if (Interlocked.Exchange(ref isLost, 1) == 0)
        {
            LogLost(why);
        }
    }

    [LoggerMessage(LogLevel.Information, "the API server answers again")]
    private partial void LogBack();

    [LoggerMessage(LogLevel.Warning, "the API server cannot be used; it is tried until it answers: {Reason}")]
    private partial void LogLost(string reason);
}
