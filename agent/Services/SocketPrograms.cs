using Weft.Bpf;
using Weft.Datapath;

namespace Weft.Agent.Services;

/// <summary>The programs that give sockets backends in place of Services, on the node's control group.</summary>
internal static class SocketPrograms
{
    /// <summary>What undoes a translation is there before anything translates.</summary>
    private static readonly IReadOnlyList<SocketCall> order =
    [
        SocketCall.ReceiveMessage4,
        SocketCall.ReceiveMessage6,
        SocketCall.GetPeerName4,
        SocketCall.GetPeerName6,
        SocketCall.Bind4,
        SocketCall.Bind6,
        SocketCall.SendMessage4,
        SocketCall.SendMessage6,
        SocketCall.Connect4,
        SocketCall.Connect6,
    ];

    /// <summary>Attaches them, each in place of a former agent's.</summary>
    public static void Attach(string cgroup, Programs programs)
    {
        foreach (var call in order)
        {
            CgroupHook.Attach(cgroup, call, programs.Sockets[call]);
        }
    }

    /// <summary>Removes a former agent's, in the other order; false when there were none.</summary>
    public static bool Detach(string cgroup)
    {
        var removed = false;
        foreach (var call in order.Reverse())
        {
            removed |= CgroupHook.Detach(cgroup, call);
        }

        return removed;
    }
}
