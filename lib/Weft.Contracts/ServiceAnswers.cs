namespace Weft.Contracts;

/// <summary>What is asked about Services.</summary>
/// <param name="Service">namespace/name; null for all, of which no backends are told.</param>
public sealed record ServicesQuestion(string? Service);

/// <summary>Services as a node serves them.</summary>
/// <param name="InForce">False until all Services are in the maps after a start: until then those of before are.</param>
/// <param name="Unwritten">Frontends that the maps have no room for.</param>
/// <param name="Frontends">By Service and address.</param>
/// <param name="Problems">What cannot work.</param>
public sealed record ServicesAnswer(
    bool InForce,
    int Unwritten,
    IReadOnlyList<FrontendState> Frontends,
    IReadOnlyList<ServiceProblemState> Problems
);

/// <summary>An address and port that a Service is reached at.</summary>
/// <param name="Service">namespace/name.</param>
/// <param name="Port">The Service's port; empty when it has no name.</param>
/// <param name="Address">"address:port/PROTOCOL".</param>
/// <param name="Kind">ClusterIP, NodePort, LoadBalancer or ExternalIP.</param>
/// <param name="AffinitySeconds">How long a client keeps its backend; 0 without affinity.</param>
/// <param name="SourceRanges">Who may use it; null for everybody.</param>
/// <param name="Inside">What this node and its pods get.</param>
/// <param name="Outside">What everybody else gets.</param>
/// <param name="Difference">How the live maps differ from this; null when they do not.</param>
public sealed record FrontendState(
    string Service,
    string Port,
    string Address,
    string Kind,
    uint AffinitySeconds,
    IReadOnlyList<string>? SourceRanges,
    FrontendSide Inside,
    FrontendSide Outside,
    string? Difference
);

/// <summary>What some clients get.</summary>
/// <param name="Action">Forward, Reject or Drop.</param>
/// <param name="Policy">The traffic policy: Cluster or Local.</param>
/// <param name="Count">How many backends.</param>
/// <param name="Backends">The backends; null when all Services were asked for.</param>
public sealed record FrontendSide(string Action, string Policy, int Count, IReadOnlyList<BackendState>? Backends);

/// <summary>An endpoint that connections go to.</summary>
/// <param name="Address">"address:port/PROTOCOL".</param>
/// <param name="Pod">namespace/name, if it is a pod's.</param>
/// <param name="Node">Its node, if that is known.</param>
/// <param name="Local">Whether that is this node.</param>
/// <param name="Terminating">Whether it is about to end.</param>
public sealed record BackendState(string Address, string? Pod, string? Node, bool Local, bool Terminating);

/// <summary>Something about a Service that cannot work.</summary>
/// <param name="Service">namespace/name.</param>
/// <param name="Reason">In one word.</param>
/// <param name="Message">In a sentence.</param>
public sealed record ServiceProblemState(string Service, string Reason, string Message);

/// <summary>A connection to a Service, perhaps.</summary>
/// <param name="Source">The client's address; null for the node itself.</param>
/// <param name="Destination">Address.</param>
/// <param name="Protocol">IP protocol number.</param>
/// <param name="Port">Port.</param>
public sealed record TraceQuestion(string? Source, string Destination, byte Protocol, ushort Port);

/// <summary>What becomes of it on this node.</summary>
/// <param name="Source">Where its client is for this node: Pod, Node or External.</param>
/// <param name="Action">Forward, Reject or Drop; null when it is to no Service and takes its way as it is.</param>
/// <param name="Reason">Why.</param>
/// <param name="Masquerade">Whether its source becomes the node's where packets are translated, as sockets' are not.</param>
/// <param name="Backends">Whom it may go to.</param>
/// <param name="Difference">How the live maps differ from this; null when they do not.</param>
public sealed record TraceAnswer(
    string Source,
    string? Action,
    string Reason,
    bool Masquerade,
    IReadOnlyList<BackendState> Backends,
    string? Difference
);
