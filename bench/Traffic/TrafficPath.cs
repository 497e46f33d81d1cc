using Weft.Net;
using Weft.Netlink;

namespace Weft.Bench.Traffic;

/// <summary>One end: a namespace and its addresses there.</summary>
internal sealed record TrafficEnd(NetworkNamespace Netns, Ip V4, Ip V6)
{
    public Ip Address(bool v4) => v4 ? V4 : V6;
}

/// <summary>Where traffic goes from and to.</summary>
/// <param name="Service">What the client asks for, if that is not the server's own address; IPv4.</param>
internal sealed record TrafficPath(TrafficEnd Client, TrafficEnd Server, Ip? Service = null)
{
    /// <summary>What the client asks for.</summary>
    public Ip Asked(bool v4) => v4 && Service is { } service ? service : Server.Address(v4);
}

/// <summary>What a round has found.</summary>
/// <param name="Value">The median, or the rate.</param>
/// <param name="Tail">The 99th percentile; null for a rate.</param>
/// <param name="Transactions">Round trips, those of the warm-up too.</param>
internal sealed record Round(double Value, double? Tail, int Transactions);

/// <summary>A kind of traffic: what the two ends do.</summary>
/// <param name="Option">What --only calls it.</param>
/// <param name="Name">What netperf calls it.</param>
/// <param name="Serve">Listens, says that it does, and serves until the client is done; answers with a rate, if it is to.</param>
/// <param name="Ask">Makes the traffic; null when the server has the result.</param>
internal sealed record TrafficKind(
    string Option,
    string Name,
    string Unit,
    Func<Exchange, Round?> Serve,
    Func<Exchange, Round?> Ask
)
{
    public static IReadOnlyList<TrafficKind> All { get; } =
    [
        new("rr", "TCP_RR", "us", RoundTrips.ServeTcp, RoundTrips.AskTcp),
        new("crr", "TCP_CRR", "us", RoundTrips.ServeConnections, RoundTrips.AskConnections),
        new("udp", "UDP_RR", "us", RoundTrips.ServeUdp, RoundTrips.AskUdp),
        new("stream", "TCP_STREAM", "Gbit/s", Streams.Serve, Streams.Ask),
    ];

    public static TrafficKind TcpRoundTrips => All[0];
}

/// <summary>What both ends of one round know.</summary>
internal sealed class Exchange(Ip client, Ip server, Ip asked, ushort port, TimeSpan time)
{
    public Ip Client => client;

    public Ip Server => server;

    /// <summary>What the client asks for: the server, or a Service before it.</summary>
    public Ip Asked => asked;

    public ushort Port => port;

    public TimeSpan Time => time;

    /// <summary>Set when the server listens.</summary>
    public ManualResetEventSlim Listening { get; } = new();
}
