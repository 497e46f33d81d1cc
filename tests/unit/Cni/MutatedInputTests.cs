using System.Text;
using Weft.Cni;
using Weft.Contracts;

namespace Weft.Tests.Cni;

public sealed class MutatedInputTests
{
    private const string Previous = """
        {"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"/proc/self/ns/net","mac":"0a:00:00:00:00:01"}],
         "ips":[{"address":"10.0.0.1/24","gateway":"10.0.0.254","interface":0}],"routes":[{"dst":"::/0","gw":"fd00::1"}]}
        """;

    /// <summary>Fragments that turn up what single bytes would find late: escapes, other types, extremes.</summary>
    private static readonly string[] Fragments =
    [
        "null",
        "{}",
        "[]",
        "\"\"",
        "-1",
        "1e999",
        "99999999999999999999",
        "\\ud800",
        "\\u0000",
        "\"",
        ",",
        ":",
        "true",
        "/129",
    ];

    [Theory]
    [InlineData("ADD")]
    [InlineData("CHECK")]
    [InlineData("GC")]
    [InlineData("STATUS")]
    [InlineData("VERSION")]
    public void No_input_makes_an_error_that_was_not_foreseen(string verb)
    {
        var environment = MalformedInputTable.Environment(verb);
        var good = Encoding.UTF8.GetBytes(
            MalformedInputTable.Config(
                ("prevResult", Previous),
                ("dns", """{"nameservers":["::1"],"domain":"a","search":["b"],"options":["c"]}"""),
                ("runtimeConfig", """{"ips":["10.0.0.7/24"],"mac":"02:00:00:00:00:01"}"""),
                ("args", """{"cni":{"ips":["fd00::7"]}}"""),
                ("ipam", "{}"),
                (MalformedInputTable.Attachments, """[{"containerID":"a","ifname":"eth0"}]""")
            )
        );
        // Seeded: a failure must come back.
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var input = Mutate(good, random);
            var run = PluginRun.Parse(new Plugin(environment.GetValueOrDefault, () => input).Run());
            if (run.ExitCode != 0)
            {
                Assert.True(run.Error.Code != CniErrorCode.Internal, $"{Encoding.UTF8.GetString(input)}: {run.Output}");
            }
        }
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        var at = random.Next(good.Length);
        var until = random.Next(3) == 0 ? random.Next(at, good.Length) : Math.Min(at + random.Next(4), good.Length);
        byte[] put = random.Next(3) switch
        {
            0 => [],
            1 => [(byte)random.Next(256)],
            _ => Encoding.UTF8.GetBytes(Fragments[random.Next(Fragments.Length)]),
        };
        return [.. good[..at], .. put, .. good[until..]];
    }
}
