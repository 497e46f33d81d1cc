using System.Text.Json;
using Weft.Cni;
using Weft.Contracts;

namespace Weft.Tests.Cni;

/// <summary>What the plugin writes and reads by hand is what the agent's serializer reads and writes.</summary>
public sealed class AgentMessagesTests
{
    private static readonly AttachmentId Id = new("c0ffee", "eth\"0\\");

    public static TheoryData<AgentRequest> Requests =>
        [
            new AgentRequest(
                AgentVerb.Add,
                "weft",
                Id,
                "/run/netns/ä",
                new PodReference("default", "a", "1-2-3"),
                ["10.244.1.7", "fd00::7"],
                "0a:00:00:00:00:02",
                SharesClsact: true
            ),
            new AgentRequest(AgentVerb.Add, "weft", Id, "/run/netns/a", new PodReference("default", "a", null)),
            new AgentRequest(AgentVerb.Del, "weft", Id),
            new AgentRequest(AgentVerb.Check, "weft", Id, "/run/netns/a", Expected: FakeAgent.Made),
            new AgentRequest(AgentVerb.Gc, "weft", ValidAttachments: [Id, new AttachmentId("b", "eth0")]),
            new AgentRequest(AgentVerb.Status, "weft"),
        ];

    public static TheoryData<AgentResponse> Responses =>
        [
            new AgentResponse(),
            new AgentResponse(Attachment: FakeAgent.Made),
            new AgentResponse(new AgentError(CniErrorCode.TryAgainLater, "the pool is \"full\"\n", "of what?")),
            new AgentResponse(new AgentError(CniErrorCode.TryAgainLater, "the pool is full")),
        ];

    [Theory]
    [MemberData(nameof(Requests))]
    public void The_agent_reads_what_the_plugin_writes(AgentRequest request)
    {
        var read = JsonSerializer.Deserialize(AgentMessages.Write(request), ContractsJson.Default.AgentRequest);
        Assert.Equivalent(request, read, strict: true);
    }

    [Theory]
    [MemberData(nameof(Responses))]
    public void The_plugin_reads_what_the_agent_writes(AgentResponse response)
    {
        var written = JsonSerializer.SerializeToUtf8Bytes(response, ContractsJson.Default.AgentResponse);
        Assert.Equivalent(response, AgentMessages.Read(written), strict: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{} {}")]
    [InlineData("""{"error":{"code":7}}""")]
    [InlineData("""{"error":{"code":"7","message":"m","details":null}}""")]
    [InlineData("""{"attachment":{"hostInterface":"weft0"}}""")]
    [InlineData("""{"attachment":{"hostInterface":null}}""")]
    public void An_answer_that_is_none_is_refused(string answer) =>
        Assert.ThrowsAny<JsonException>(() => AgentMessages.Read(System.Text.Encoding.UTF8.GetBytes(answer)));

    [Fact]
    public void Any_text_survives()
    {
        var all = string.Concat(
            Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c).Where(c => !char.IsSurrogate(c))
        );
        var request = new AgentRequest(AgentVerb.Del, all + "\U0001F578", Id);
        var read = JsonSerializer.Deserialize(AgentMessages.Write(request), ContractsJson.Default.AgentRequest);
        Assert.Equal(request.Network, read!.Network);
    }

    [Fact]
    public void Quotes_in_messages_stay_readable() =>
        Assert.Contains(
            "\"name\\\" is <missing> & more\"",
            System.Text.Encoding.UTF8.GetString(
                Json.Error(CniVersion.V1_1_0, new CniException(7, "name\" is <missing> & more"))
            ),
            StringComparison.Ordinal
        );
}
