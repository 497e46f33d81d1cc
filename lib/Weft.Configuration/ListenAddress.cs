using System.Net;

namespace Weft.Configuration;

/// <summary>Where a program answers, as a configuration has it: "192.0.2.1:9967", "[::]:9967".</summary>
public static class ListenAddress
{
    /// <summary>Reads it.</summary>
    /// <exception cref="ConfigException">It is no address and port.</exception>
    public static IPEndPoint Parse(string key, string text) =>
        // A bare IPv6 address is read too, with port 0, and is a mistake.
        (text.StartsWith('[') ? text.Contains("]:", StringComparison.Ordinal) : text.Split(':').Length == 2)
        && IPEndPoint.TryParse(text, out var endpoint)
            ? endpoint
            : throw new ConfigException(
                $"\"{key}\": \"{text}\" is not an address and a port such as 127.0.0.1:9967, or [::]:9967 for all addresses"
            );

    /// <summary>What is wrong when the port cannot be had.</summary>
    public static ConfigException Refused(string key, IPEndPoint endpoint, Exception why) =>
        new($"\"{key}\": {endpoint} cannot be had: {why.Message}; name another port");
}
