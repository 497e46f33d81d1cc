namespace Weft.Lab;

/// <summary>The real programs a lab runs, next to this one.</summary>
internal static class Programs
{
    public static string Agent { get; } = Path.Combine(AppContext.BaseDirectory, "weft-agent");

    public static string Operator { get; } = Path.Combine(AppContext.BaseDirectory, "weft-operator");

    public static string Plugin { get; } = Path.Combine(AppContext.BaseDirectory, "weft-cni");

    /// <summary>The lab's own: API server, controllers, kubelet.</summary>
    public static string Daemon { get; } = Path.Combine(AppContext.BaseDirectory, "weft-lab");

    /// <summary>Where runtimes of this lab look for plugins: ours, then where distributions and Kubernetes install them.</summary>
    public static string CniPath { get; } =
        string.Join(':', Path.GetDirectoryName(Plugin), "/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni");

    /// <exception cref="LabException">No such plugin is installed.</exception>
    public static string CniPlugin(string type) =>
        CniPath.Split(':').Select(directory => Path.Combine(directory, type)).FirstOrDefault(File.Exists)
        ?? throw new LabException($"the CNI plugin \"{type}\" is in none of {CniPath}: install it there");

    /// <exception cref="LabException">One is missing.</exception>
    public static void Require(bool kubernetes)
    {
        string[] needed = kubernetes ? [Agent, Plugin, Operator, Daemon] : [Agent, Plugin];
        foreach (var program in needed)
        {
            if (!File.Exists(program))
            {
                throw new LabException($"{program} is missing: build it beside weft with `make build`");
            }
        }
    }
}
