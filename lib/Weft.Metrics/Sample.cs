namespace Weft.Metrics;

/// <summary>A number that is read when somebody asks.</summary>
/// <param name="Value">The number.</param>
/// <param name="Labels">Values of the metric's labels, in their order.</param>
public readonly record struct Sample(double Value, params string[] Labels);
