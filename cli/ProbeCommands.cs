using System.CommandLine;
using System.Net;
using System.Text.Json;
using Weft.Lab;
using Weft.Lab.Probes;

namespace Weft.Cli;

/// <summary>`weft probe`: the two ends of a path, for tests that run them inside of pods.</summary>
internal static class ProbeCommands
{
    private static readonly Option<int> Port = new("--port") { Description = "Port.", Required = true };

    private static readonly Option<int> Count = new("--count")
    {
        Description = "Round trips to measure.",
        DefaultValueFactory = _ => 20,
    };

    public static Command Create() =>
        new("probe", "Try a path and measure it.")
        {
            Serve(),
            Client(
                "tcp",
                "Connect to a `weft probe serve` and echo.",
                (to, port, count) => Probe.Tcp(new(to, port), count),
                Port
            ),
            Client(
                "udp",
                "Echo datagrams with a `weft probe serve`.",
                (to, port, count) => Probe.Udp(new(to, port), count),
                Port
            ),
            Client("ping", "ICMP echo.", (to, _, count) => Probe.Ping(to, count)),
        };

    private static Command Serve()
    {
        var address = AddressArgument();
        address.Description = "Address to serve on; all of both families unless given.";
        address.DefaultValueFactory = _ => IPAddress.IPv6Any;
        var name = new Option<string?>("--name")
        {
            Description = "What to tell clients in place of the address they are seen under.",
        };
        var command = new Command("serve", "Answer probes over TCP and UDP until ended.") { address, Port, name };
        command.SetAction(parsed =>
        {
            using var server = ProbeServer.Start(
                new(parsed.GetRequiredValue(address), parsed.GetValue(Port)),
                parsed.GetValue(name)
            );
            Console.WriteLine($"serving on {server.Address}");
            Thread.Sleep(Timeout.Infinite);
        });
        return command;
    }

    private static Command Client(
        string name,
        string description,
        Func<IPAddress, int, int, ProbeResult> probe,
        Option<int>? port = null
    )
    {
        var address = AddressArgument();
        var command = new Command(name, description + " Prints JSON; exit code 1 when it fails.") { address, Count };
        if (port is not null)
        {
            command.Add(port);
        }

        command.SetAction(parsed =>
        {
            var result = probe(
                parsed.GetRequiredValue(address),
                port is null ? 0 : parsed.GetValue(port),
                parsed.GetValue(Count)
            );
            Console.WriteLine(JsonSerializer.Serialize(result, LabJson.Default.ProbeResult));
            return result.Ok ? 0 : 1;
        });
        return command;
    }

    private static Argument<IPAddress> AddressArgument() =>
        new("ADDRESS")
        {
            Description = "IPv4 or IPv6 address.",
            CustomParser = result =>
            {
                if (IPAddress.TryParse(result.Tokens[0].Value, out var address))
                {
                    return address;
                }

                result.AddError($"'{result.Tokens[0].Value}' is not an IP address.");
                return null;
            },
        };
}
