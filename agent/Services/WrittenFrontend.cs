using Weft.Datapath;

namespace Weft.Agent.Services;

/// <summary>What the maps have of a frontend.</summary>
/// <param name="Inside">Its entry for this node and its pods.</param>
/// <param name="Outside">Its entry for everybody else.</param>
/// <param name="InsideList">The list that the one names.</param>
/// <param name="OutsideList">The list that the other names.</param>
/// <param name="Sources">Its entries of service_sources.</param>
/// <param name="NodePorts">Its entries of node_ports.</param>
internal sealed record WrittenFrontend(
    ServiceValue Inside,
    ServiceValue Outside,
    WrittenList InsideList,
    WrittenList OutsideList,
    IReadOnlyList<ServiceSourceKey> Sources,
    IReadOnlyList<NodePort> NodePorts
)
{
    /// <summary>The entry for one side.</summary>
    public ServiceValue For(ServiceSide side) => side == ServiceSide.Inside ? Inside : Outside;
}
