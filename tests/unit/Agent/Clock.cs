namespace Weft.Tests.Unit.Agent;

/// <summary>A clock that a test sets.</summary>
internal sealed class Clock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;

    public void Advance(int seconds) => Now += TimeSpan.FromSeconds(seconds);
}
