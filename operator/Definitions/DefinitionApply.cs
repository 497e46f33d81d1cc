using System.Globalization;
using Microsoft.Extensions.Logging;
using Weft.Kubernetes;
using Weft.Kubernetes.Objects;
using Weft.Resources;
using Weft.Resources.Definitions;

namespace Weft.Operator.Definitions;

/// <summary>
/// Makes the cluster know Weft's kinds, by server-side apply at start. Nothing is ever removed: with a definition go all
/// its objects.
/// </summary>
internal sealed partial class DefinitionApply(KubernetesClient client, ILogger logger)
{
    private static readonly Resource<CustomResourceDefinition> Definitions = Kinds.CustomResourceDefinitions;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Ends when all are served. An API server that is away is waited for.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var definition in CustomResources.All)
        {
            var pause = Pause;
            while (!await TryAsync(definition, cancellation))
            {
                await Task.Delay(pause, cancellation);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <summary>True when it is served.</summary>
    private async Task<bool> TryAsync(CustomResourceDefinition definition, CancellationToken cancellation)
    {
        try
        {
            var key = ObjectKey.Of(definition);
            var now = await client.FindAsync(Definitions, key, cancellation);
            if (VersionOf(now) > CustomResources.SchemaVersion)
            {
                LogNewer(key.Name, VersionOf(now));
            }
            else
            {
                now = await client.ApplyAsync(
                    Definitions,
                    definition,
                    WeftGroup.OperatorManager,
                    force: true,
                    cancellation
                );
            }

            return IsEstablished(now!);
        }
        catch (KubernetesException e)
        {
            LogFailed(definition.Metadata.Name!, e.Message);
            return false;
        }
    }

    private static bool IsEstablished(CustomResourceDefinition definition) =>
        definition.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) == true;

    private static int VersionOf(CustomResourceDefinition? definition) =>
        definition?.Metadata.Labels?.GetValueOrDefault(CustomResources.SchemaVersionLabel) is { } text
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : 0;

    [LoggerMessage(LogLevel.Warning, "{Definition} is of schema version {Version}, newer than this operator: it stays")]
    private partial void LogNewer(string definition, int version);

    [LoggerMessage(LogLevel.Warning, "{Definition} cannot be applied: {Error}; tried again")]
    private partial void LogFailed(string definition, string error);
}
