using System.Globalization;
using Weft.Lab.ApiServer.Registry;

namespace Weft.Lab.ApiServer.Lifecycle;

/// <summary>Events go after an hour, as the real server's do by default.</summary>
internal static class EventExpiry
{
    public static readonly TimeSpan Age = TimeSpan.FromHours(1);

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    public static async Task RunAsync(Cluster cluster, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval, cluster.Clock);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            Expire(cluster);
        }
    }

    /// <summary>Deletes the events that were last written longer ago than their age.</summary>
    public static void Expire(Cluster cluster)
    {
        var kind = cluster.Kinds.StorageOf["events"];
        foreach (var stored in cluster.Store.Collection(kind.Collection).Objects)
        {
            var last = stored.Field("lastTimestamp") is { Length: > 0 } text
                ? text
                : stored.Field("metadata.creationTimestamp");
            if (DateTimeOffset.TryParse(last, CultureInfo.InvariantCulture, out var time) && cluster.Now - time > Age)
            {
                cluster.Write(() =>
                    cluster.Store.Find(kind.Collection, stored.Namespace, stored.Name) == stored
                        ? cluster.Remove(kind.Collection, stored)
                        : stored
                );
            }
        }
    }
}
