using Weft.Bpf;
using Weft.Netlink;

namespace Weft.Tests.Bpf;

/// <summary>When an attached program is exchanged: tags alone would take two datapaths for one.</summary>
public sealed class ExchangeTests
{
    [Theory]
    [InlineData(TcMechanism.Tcx)]
    [InlineData(TcMechanism.Clsact)]
    public void A_program_that_works_on_maps_nobody_writes_any_more_is_exchanged(TcMechanism mechanism)
    {
        Assert.SkipUnless(
            mechanism == TcMechanism.Clsact || TcHook.Probe() == TcMechanism.Tcx,
            "this kernel has no tcx (Linux 6.6 has it): clsact stands in for it"
        );
        var before = DatapathFixture.Empty();
        var after = DatapathFixture.Next;
        using var scratch = NetworkNamespace.Create();
        scratch.Run(() =>
        {
            using var socket = RouteSocket.Open();
            socket.Execute(new RouteBatch().AddVeth(new VethSpec { Name = "weft_a", PeerName = "weft_b" }));
            var device = socket.FindLink("weft_a")!.Index.Value;

            Assert.True(TcHook.Attach(mechanism, device, TcDirection.Ingress, before.Programs.FromPod));
            Assert.True(TcHook.Attach(mechanism, device, TcDirection.Ingress, after.Programs.FromPod));
            Assert.False(TcHook.Attach(mechanism, device, TcDirection.Ingress, after.Programs.FromPod));
            Assert.Equal(after.Programs.FromPod.Info().Id, TcHook.Attached(mechanism, device, TcDirection.Ingress)!.Id);
        });
    }
}
