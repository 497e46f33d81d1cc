using Weft.Bench.Results;
using Weft.Bench.Traffic;
using Weft.Bpf;
using Weft.Datapath;

namespace Weft.Bench.Parts;

/// <summary>
/// What the programs take for one packet of a connection from outside to an endpoint on another node, by the kernel's
/// test runs: the XDP program and that of tc on the same packets, in turns, and the XDP program on a frame that it looks
/// no further into. What the kernel does for tc before and after, and XDP saves, is not in these numbers.
/// </summary>
internal static class XdpCost
{
    private const int Turns = 5000;

    public static void Measure(ResultList results, CancellationToken cancel)
    {
        foreach (var vxlan in new[] { true, false })
        {
            using var node = new ForwardingNode(vxlan);
            var programs = node.Datapath.Programs;
            List<double> nothing = [];
            List<double> tc = [];
            List<double> xdp = [];
            foreach (var frame in new[] { node.FromClient, node.FromBackend })
            {
                for (var turn = 0; turn < Turns; turn++)
                {
                    cancel.ThrowIfCancellationRequested();
                    nothing.Add(node.RunXdp(programs.XdpNetdev, node.Unknown, ForwardingNode.XdpPass));
                    tc.Add(node.RunTc(programs.FromNetdev, frame));
                    xdp.Add(node.RunXdp(programs.XdpNetdev, frame, ForwardingNode.XdpTransmit));
                }
            }

            var mode = vxlan ? "vxlan" : "native";
            results.Add(Comparison.OfPairs(Names.Xdp(mode), "tc", "ns", tc, xdp));
            results.Add(Comparison.OfPairs(Names.XdpNothing(mode), "a frame it passes on", "ns", nothing, xdp));
        }
    }
}
