using System.Reflection;

namespace Weft.Operator;

/// <summary>The version of this build.</summary>
internal static class OperatorVersion
{
    // Without the commit that the compiler appends: a user agent is no place for it.
    public static string Text { get; } =
        typeof(OperatorVersion)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0]
        ?? "unknown";
}
