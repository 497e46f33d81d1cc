using Weft.Contracts;
using Weft.Netlink;

namespace Weft.Cni;

/// <summary>The veth's host end, which the plugin touches only when there is no agent to do it.</summary>
internal static class HostLink
{
    private const int Enodev = 19;

    /// <summary>Removes the pair; fine when it is gone. The agent, once back, drops the endpoint whose link is gone.</summary>
    public static void Remove(AttachmentId id)
    {
        var name = HostInterface.NameOf(id);
        try
        {
            using var routes = RouteSocket.Open();
            routes.Execute(new RouteBatch().DeleteLink(name));
        }
        catch (NetlinkException e) when (e.Errno == Enodev) { }
        catch (NetlinkException e)
        {
            throw new CniException(CniErrorCode.KernelRefused, $"cannot remove the link of {id}: {e.Message}");
        }
    }
}
