using Microsoft.Extensions.Logging.Abstractions;
using Weft.Kubernetes;
using Weft.Kubernetes.Http;
using Weft.Kubernetes.Informers;

namespace Weft.Tests.Unit.Kubernetes;

/// <summary>Clients that lose no time between attempts.</summary>
internal static class Clients
{
    public static readonly RequestLimits Quick = new()
    {
        FirstDelay = TimeSpan.FromMilliseconds(1),
        LongestDelay = TimeSpan.FromMilliseconds(5),
    };

    public static Backoff QuickBackoff => new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5));

    public static KubernetesClient Of(
        ClusterConnection connection,
        RequestLimits? limits = null,
        TimeProvider? time = null
    ) => new(connection, NullLogger.Instance, "weft-test", limits ?? Quick, time ?? TimeProvider.System);

    /// <summary>JSON of a ConfigMap whose data is one number.</summary>
    public static string ConfigMap(string name, long version, string uid = "u", string ns = "default") =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"{{{ns}}}","uid":"{{{uid}}}","resourceVersion":"{{{version}}}"},"data":{"v":"{{{version}}}"}}""";

    public static string List(long version, string? next, params IEnumerable<string> items) =>
        $$$"""{"kind":"List","metadata":{"resourceVersion":"{{{version}}}","continue":"{{{next}}}"},"items":[{{{string.Join(",", items)}}}]}""";

    public static string Event(string type, string obj) => $$"""{"type":"{{type}}","object":{{obj}}}""" + "\n";

    public static string Bookmark(long version) =>
        Event("BOOKMARK", $$$"""{"kind":"ConfigMap","metadata":{"resourceVersion":"{{{version}}}"}}""");
}
