using System.Net.Sockets;
using Weft.Contracts;

namespace Weft.Tests.Contracts;

/// <summary>How the agent learns whether the runtime has a result.</summary>
public sealed class AcknowledgementTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("weft-contracts-test-");
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly AgentChannel plugin;
    private readonly AgentChannel agent;

    public AcknowledgementTests()
    {
        var path = Path.Combine(folder.FullName, "agent.sock");
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        plugin = AgentChannel.Connect(path, Long);
        agent = AgentChannel.Accepted(listener.Accept(), Long);
        agent.Send("{}"u8);
    }

    [Fact]
    public void It_is_given_by_a_plugin_that_ends_right_after()
    {
        plugin.Receive(out _);
        plugin.Acknowledge();
        plugin.Dispose();
        Assert.Equal(Acknowledgement.Given, agent.AwaitAcknowledgement(Long));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_is_denied_by_a_plugin_that_ends_without(bool read)
    {
        if (read)
        {
            plugin.Receive(out _);
        }

        plugin.Dispose();
        Assert.Equal(Acknowledgement.Denied, agent.AwaitAcknowledgement(Long));
    }

    [Fact]
    public void It_is_outstanding_while_a_plugin_is_stopped() =>
        Assert.Equal(Acknowledgement.Outstanding, agent.AwaitAcknowledgement(TimeSpan.FromMilliseconds(20)));

    [Fact]
    public void Giving_it_to_an_agent_that_is_gone_fails_silently()
    {
        agent.Dispose();
        plugin.Acknowledge();
    }

    public void Dispose()
    {
        plugin.Dispose();
        agent.Dispose();
        listener.Dispose();
        folder.Delete(recursive: true);
    }
}
