using System.Net;

namespace Weft.Connectivity;

/// <summary>How connectivity is tested.</summary>
/// <param name="Image">Image of the pods, with `weft-probe` in it.</param>
/// <param name="Command">Path of `weft-probe` in the image.</param>
public sealed record ConnectivityOptions(string Image, string Command)
{
    /// <summary>A server outside of the cluster that answers HTTP; null to try none.</summary>
    public IPEndPoint? World { get; init; }

    /// <summary>Port of the nodes that pods in the nodes' network serve on.</summary>
    public int HostPort { get; init; } = 38391;

    /// <summary>How long pods may take to start, images to be pulled among it.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a path may take to become as it should be.</summary>
    public TimeSpan PathPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Leaves the namespace with its pods, to look into a failure.</summary>
    public bool Keep { get; init; }
}
