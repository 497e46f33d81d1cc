using System.Globalization;
using System.Runtime.InteropServices;
using Weft.Probe;

const int Usage = 2;
const string Help = """
    weft-probe serve PORT NAME              answers over TCP (HTTP) and UDP: its name and who asks
    weft-probe try SECONDS ID=ATTEMPT...    tries all at once, for SECONDS at most

    ATTEMPT is KIND:EXPECTED:ADDRESS:PORT with KIND tcp, udp or dns, EXPECTED pass or deny, IPv6 in brackets.
    try prints the ID and what went wrong of each that is not as expected, and exits with 1 if there is one.
    """;

// As the first process of a container it would not end by a signal that it does not handle.
using var end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Environment.Exit(0));
try
{
    switch (args)
    {
        case ["serve", var port, var name]:
            Server.Run(int.Parse(port, CultureInfo.InvariantCulture), name);
            return 0;
        case ["try", var seconds, .. var attempts]:
            return await Attempts.RunAsync(
                [.. attempts.Select(Attempt.Parse)],
                TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)),
                Console.Out
            );
        default:
            await Console.Error.WriteLineAsync(Help);
            return Usage;
    }
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync($"weft-probe: {e.Message}\n{Help}");
    return Usage;
}
