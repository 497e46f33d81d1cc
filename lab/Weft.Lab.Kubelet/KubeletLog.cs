using Microsoft.Extensions.Logging;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Kubelet;

internal static partial class KubeletLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Node} is registered")]
    public static partial void Registered(this ILogger log, string node);

    [LoggerMessage(Level = LogLevel.Information, Message = "pod {Pod} ({Uid}) comes")]
    public static partial void PodComes(this ILogger log, ObjectKey pod, string uid);

    [LoggerMessage(Level = LogLevel.Information, Message = "pod {Pod} ({Uid}) has ended")]
    public static partial void PodEnded(this ILogger log, ObjectKey pod, string uid);

    [LoggerMessage(Level = LogLevel.Error, Message = "pod {Pod} is no longer looked after")]
    public static partial void PodLost(this ILogger log, ObjectKey pod, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the network of pod {Pod} is not removed yet: {Problem}")]
    public static partial void PodNetworkNotRemoved(this ILogger log, PodName pod, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "will try again to {What}: {Problem}")]
    public static partial void WillTryAgain(this ILogger log, string what, string problem);
}
