using System.Diagnostics;
using System.Globalization;
using Weft.Datapath;
using Weft.Net;

namespace Weft.Agent.Maps;

/// <summary>Fields of maps as text.</summary>
internal static class MapText
{
    /// <summary>Stands for nothing.</summary>
    public const string None = "-";

    private const int MappedBits = 96;

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Address(MapAddress address) =>
        address.ToIp() is var ip && ip.Value == UInt128.Zero ? None : ip.ToString();

    public static string End(MapAddress address, ushort portNetwork) =>
        address.ToIp() is var ip && ip.Value == UInt128.Zero
            ? None
            : $"{(ip.IsV4 ? $"{ip}" : $"[{ip}]")}:{Number(ConfigValue.ToHost(portNetwork))}";

    /// <summary>A prefix of a map, whose length is that of the 128-bit form.</summary>
    public static string Prefix(MapAddress first, uint mappedLength)
    {
        var ip = first.ToIp();
        return $"{ip}/{Number(ip.IsV4 ? mappedLength - MappedBits : mappedLength)}";
    }

    public static string Protocol(byte number) =>
        number switch
        {
            0 => "any",
            1 => "ICMP",
            58 => "ICMPv6",
            _ when Enum.IsDefined((Transport)number) => $"{(Transport)number}".ToUpperInvariant(),
            _ => Number(number),
        };

    /// <summary>A port of the destination, with its protocol.</summary>
    public static string Port(ushort portNetwork, byte protocol) =>
        $"{Number(ConfigValue.ToHost(portNetwork))}/{Protocol(protocol)}";

    /// <summary>How long until then, by CLOCK_MONOTONIC, which is Stopwatch's.</summary>
    public static string Until(ulong monotonicNs) => Seconds((long)monotonicNs - Stopwatch.GetTimestamp());

    /// <summary>How long since then.</summary>
    public static string Since(ulong monotonicNs) => Seconds(Stopwatch.GetTimestamp() - (long)monotonicNs);

    /// <summary>The flags that are set, in their order.</summary>
    public static string Flags<T>(T flags)
        where T : struct, Enum =>
        $"{flags}" is var text && text is "0" or "None" ? None : text.Replace(", ", ",", StringComparison.Ordinal);

    private static string Seconds(long nanoseconds) =>
        nanoseconds < 0 ? "over" : $"{Number(nanoseconds / 1_000_000_000)}s";
}
