using Microsoft.Extensions.Logging;

namespace Weft.Lab.Daemon;

/// <summary>One line for each message, on standard output.</summary>
internal static class Logging
{
    public static ILoggerFactory Create() =>
        LoggerFactory.Create(builder =>
            builder
                .AddFilter("Microsoft", LogLevel.Warning)
                .AddSimpleConsole(console =>
                {
                    console.SingleLine = true;
                    console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                    console.UseUtcTimestamp = true;
                })
        );
}
