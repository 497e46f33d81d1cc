using Weft.Net;
using Weft.Services.Backends;

namespace Weft.Services.Frontends;

/// <summary>An address and port that a Service is reached at, and what is done with what goes there.</summary>
/// <param name="Key">Address, port and protocol.</param>
/// <param name="Kind">Where the address comes from.</param>
/// <param name="Port">The Service's port behind it.</param>
/// <param name="Number">The number of that port: all its frontends have it, so a client's affinity holds for all.</param>
/// <param name="FromInside">For pods of this node and for the node.</param>
/// <param name="FromOutside">For everybody else.</param>
/// <param name="Masquerade">
/// Whose address is replaced by the node's, so that replies come back through it. Beyond these everybody's who is sent
/// to himself (hairpin).
/// </param>
/// <param name="AffinitySeconds">For how long after its last use a client keeps its backend; 0 without affinity.</param>
/// <param name="SourceRanges">Who may use it, everybody else getting no answer; null for everybody.</param>
public sealed record Frontend(
    TransportAddress Key,
    FrontendKind Kind,
    ServicePortKey Port,
    uint Number,
    Selection FromInside,
    Selection FromOutside,
    Source Masquerade,
    uint AffinitySeconds,
    ValueList<Prefix>? SourceRanges
)
{
    /// <summary>What this source gets.</summary>
    public Selection For(Source source) => source == Source.External ? FromOutside : FromInside;

    /// <summary>Whether the source ranges let this address in.</summary>
    public bool Admits(Ip source) => SourceRanges?.Any(range => range.Contains(source)) ?? true;
}
