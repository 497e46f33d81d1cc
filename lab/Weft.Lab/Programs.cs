namespace Weft.Lab;

/// <summary>The real programs a lab runs, next to this one.</summary>
internal static class Programs
{
    public static string Agent { get; } = Path.Combine(AppContext.BaseDirectory, "weft-agent");

    public static string Plugin { get; } = Path.Combine(AppContext.BaseDirectory, "weft-cni");

    /// <exception cref="LabException">One is missing.</exception>
    public static void Require()
    {
        foreach (var program in new[] { Agent, Plugin })
        {
            if (!File.Exists(program))
            {
                throw new LabException($"{program} is missing: build it beside weft with `make build`");
            }
        }
    }
}
