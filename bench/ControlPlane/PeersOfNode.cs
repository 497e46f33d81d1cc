using System.Diagnostics;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Net;

namespace Weft.Bench.ControlPlane;

/// <summary>The peers map of a node of the lab, as its agent writes it.</summary>
internal sealed class PeersOfNode(DaemonProcess agent, string node, ClusterWatch watch) : IDisposable
{
    private const uint WholeAddress = 128;

    // The gateways that other nodes send to pods from have entries of their own, with this identity.
    private const uint OtherNode = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // The bpffs is in the node's mount namespace, which the agent is in.
    private readonly PinnedMap<PeerKey, PeerValue> pinned = PinnedMap.Open<PeerKey, PeerValue>(
        $"/proc/{agent.Pid}/root/sys/fs/bpf/weft/peers"
    );

    /// <summary>The identity that the node's programs see of another node's pod; null when it is none they know.</summary>
    public uint? IdentityOf(Ip pod)
    {
        var key = new PeerKey { PrefixLength = WholeAddress, Address = MapAddress.From(pod) };
        return pinned.Map.TryLookup(key, out var value) && value.Kind == PeerKind.Pod ? value.Identity : null;
    }

    /// <summary>Entries that the map has otherwise than the slices say, once it had the time to become equal.</summary>
    public async Task<int> DifferencesAsync(TimeSpan patience, CancellationToken cancel)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var differences = Differences();
            if (differences == 0 || Stopwatch.GetElapsedTime(start) > patience)
            {
                return differences;
            }

            await Task.Delay(Pause, cancel);
        }
    }

    public void Dispose() => pinned.Dispose();

    private int Differences()
    {
        var wanted = new Dictionary<Ip, uint>();
        foreach (var slice in watch.Slices.List().Where(slice => slice.NodeName != node))
        {
            foreach (var endpoint in slice.Endpoints)
            {
                foreach (var ip in endpoint.Ips)
                {
                    wanted[Ip.Parse(ip)] = endpoint.Identity;
                }
            }
        }

        var there = pinned
            .Map.ToDictionary()
            .Where(entry => entry.Key.PrefixLength == WholeAddress && entry.Value.Kind == PeerKind.Pod)
            .Where(entry => entry.Value.Identity != OtherNode)
            .ToDictionary(entry => entry.Key.Address.ToIp(), entry => entry.Value.Identity);
        return wanted.Count(entry => !there.TryGetValue(entry.Key, out var identity) || identity != entry.Value)
            + there.Keys.Count(ip => !wanted.ContainsKey(ip));
    }
}
