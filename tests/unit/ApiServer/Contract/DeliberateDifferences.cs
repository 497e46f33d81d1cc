namespace Weft.Tests.Unit.ApiServer.Contract;

/// <summary>The recorded exchanges that this server answers otherwise, and why.</summary>
internal static class DeliberateDifferences
{
    public static IReadOnlyDictionary<int, string> All { get; } = new Dictionary<int, string>();
}
