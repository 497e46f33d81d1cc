using System.Net;
using System.Net.Sockets;
using Weft.Probe;

namespace Weft.Tests.Unit.Probe;

/// <summary>`weft-probe try`.</summary>
public sealed class AttemptTests
{
    [Theory]
    [InlineData("7=tcp:pass:10.0.0.1:80", "7", "tcp", false, "10.0.0.1:80")]
    [InlineData("x=udp:deny:[fd00::1]:53", "x", "udp", true, "[fd00::1]:53")]
    public void An_attempt_is_what_its_text_says(string text, string id, string kind, bool denied, string to) =>
        Assert.Equal(new Attempt(id, kind, denied, IPEndPoint.Parse(to)), Attempt.Parse(text));

    [Theory]
    [InlineData("tcp:pass:10.0.0.1:80")]
    [InlineData("1=sctp:pass:10.0.0.1:80")]
    [InlineData("1=tcp:maybe:10.0.0.1:80")]
    [InlineData("1=tcp:pass:10.0.0.1")]
    [InlineData("1=tcp:pass:name:80")]
    public void What_is_none_is_refused(string text) => Assert.Throws<FormatException>(() => Attempt.Parse(text));

    [Fact]
    public async Task What_nobody_answers_fails_if_it_should_pass_and_passes_if_it_is_denied()
    {
        // Bound and not listening: refused, and nobody else can take it.
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var output = new StringWriter();
        var code = await Attempts.RunAsync(
            [Attempt.Parse($"1=tcp:pass:{nobody.LocalEndPoint}"), Attempt.Parse($"2=tcp:deny:{nobody.LocalEndPoint}")],
            TimeSpan.Zero,
            output
        );
        Assert.Equal((1, "1 refused\n"), (code, output.ToString()));
    }

    [Theory]
    [InlineData(new byte[] { 0x77, 0x65, 0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0 }, true)]
    [InlineData(new byte[] { 0x77, 0x65, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0 }, false)]
    [InlineData(new byte[] { 0x77, 0x66, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0 }, false)]
    [InlineData(new byte[] { 0x77, 0x65, 0x81 }, false)]
    public void Any_answer_to_the_question_shows_that_DNS_is_there(byte[] answer, bool isOne) =>
        Assert.Equal(isOne, DnsQuery.Problem(answer) is null);
}
