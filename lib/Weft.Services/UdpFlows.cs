namespace Weft.Services;

/// <summary>
/// UDP has no end that the datapath could see: a client that goes on from one port would be sent to its old backend
/// for ever. kube-proxy's rule of which flows to end, so that their next packet chooses anew.
/// </summary>
public static class UdpFlows
{
    /// <summary>
    /// Whether a flow must end whose backend is this one. Traffic policies, hints and termination are for new flows
    /// and end none; and while there is nobody to go to, a flow is left as it is.
    /// </summary>
    /// <param name="serving">The port's endpoints that serve, terminating ones included.</param>
    /// <param name="backend">Where the flow goes.</param>
    public static bool MustEnd(IReadOnlySet<TransportAddress> serving, TransportAddress backend) =>
        serving.Count > 0 && !serving.Contains(backend);
}
