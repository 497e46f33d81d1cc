namespace Weft.Contracts;

/// <summary>What a client asks of the agent.</summary>
public enum AgentVerb
{
    /// <summary>CNI ADD. The network namespace travels with the request as a file descriptor.</summary>
    Add,

    /// <summary>CNI DEL.</summary>
    Del,

    /// <summary>CNI CHECK. The network namespace travels with the request as a file descriptor.</summary>
    Check,

    /// <summary>CNI GC.</summary>
    Gc,

    /// <summary>CNI STATUS.</summary>
    Status,

    /// <summary>The agent's state, for people and tools: <see cref="AgentState"/>.</summary>
    State,

    /// <summary>Judges a connection by the policies in the node's maps: <see cref="PolicyAnswer"/>.</summary>
    Judge,

    /// <summary>What policies have denied lately: <see cref="DenialState"/>.</summary>
    Denials,

    /// <summary>Services as this node serves them: <see cref="ServicesAnswer"/>.</summary>
    Services,

    /// <summary>Where a connection would go by the Services: <see cref="TraceAnswer"/>.</summary>
    Trace,

    /// <summary>Entries of a map: <see cref="MapAnswer"/>.</summary>
    Map,
}

/// <summary>One request to the agent; one connection carries one request and its response.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Network">Name of the CNI network (`name` of its configuration). Null for what is not of the CNI.</param>
/// <param name="Id">The attachment. Null for Gc, Status and what is not of the CNI.</param>
/// <param name="Netns">CNI_NETNS as text, for records and messages only. Null when not given.</param>
/// <param name="Pod">The pod, when the runtime named it.</param>
/// <param name="RequestedIps">Addresses the runtime asked for (CNI_ARGS IP, capability `ips`), without prefix length.</param>
/// <param name="RequestedMac">MAC the runtime asked for (CNI_ARGS MAC, capability `mac`).</param>
/// <param name="Expected">For Check: our part of prevResult; what it does not say is "" or 0. Its routes are those of the whole chain.</param>
/// <param name="PortMappings">For Add: ports of the node that are to lead to the pod.</param>
/// <param name="SharesClsact">For Add: another plugin of the chain needs the device's clsact place for a qdisc of its own.</param>
/// <param name="ValidAttachments">For Gc: every attachment of this network that must stay.</param>
/// <param name="Question">For Judge: the connection.</param>
/// <param name="Services">For Services: which.</param>
/// <param name="Trace">For Trace: the connection.</param>
/// <param name="Map">For Map: which.</param>
public sealed record AgentRequest(
    AgentVerb Verb,
    string? Network = null,
    AttachmentId? Id = null,
    string? Netns = null,
    PodReference? Pod = null,
    IReadOnlyList<string>? RequestedIps = null,
    string? RequestedMac = null,
    Attachment? Expected = null,
    IReadOnlyList<PortMapping>? PortMappings = null,
    bool SharesClsact = false,
    IReadOnlyList<AttachmentId>? ValidAttachments = null,
    PolicyQuestion? Question = null,
    ServicesQuestion? Services = null,
    TraceQuestion? Trace = null,
    MapQuestion? Map = null
);

/// <summary>The agent's answer.</summary>
/// <param name="Error">Set when the request failed; then nothing of it was left behind.</param>
/// <param name="Attachment">For Add.</param>
/// <param name="State">For State.</param>
/// <param name="Answer">For Judge.</param>
/// <param name="Denials">For Denials, the last first.</param>
/// <param name="Services">For Services.</param>
/// <param name="Trace">For Trace.</param>
/// <param name="Map">For Map.</param>
public sealed record AgentResponse(
    AgentError? Error = null,
    Attachment? Attachment = null,
    AgentState? State = null,
    PolicyAnswer? Answer = null,
    IReadOnlyList<DenialState>? Denials = null,
    ServicesAnswer? Services = null,
    TraceAnswer? Trace = null,
    MapAnswer? Map = null
);

/// <summary>An error in the CNI spec's terms.</summary>
/// <param name="Code">A code of the CNI spec (1–99) or of Weft's own (100 and up); see <see cref="CniErrorCode"/>.</param>
/// <param name="Message">One sentence that says what is wrong and what to change.</param>
/// <param name="Details">More for a person who debugs, or null.</param>
public sealed record AgentError(int Code, string Message, string? Details = null);
