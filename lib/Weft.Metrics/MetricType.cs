namespace Weft.Metrics;

/// <summary>What a metric's numbers mean to Prometheus.</summary>
public enum MetricType
{
    /// <summary>Only grows, from 0 at the process's start.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Counts observations by size.</summary>
    Histogram,
}
