using Weft.Bpf;
using Weft.Netlink;

namespace Weft.Tests.Bpf;

/// <summary>TcHook, by both mechanisms, on a veth of the test's own.</summary>
public sealed class AttachmentTests
{
    private readonly DatapathFixture fixture = new();

    public static TheoryData<TcMechanism, TcDirection> Hooks =>
        new()
        {
            { TcMechanism.Tcx, TcDirection.Ingress },
            { TcMechanism.Tcx, TcDirection.Egress },
            { TcMechanism.Clsact, TcDirection.Ingress },
            { TcMechanism.Clsact, TcDirection.Egress },
        };

    [Theory]
    [MemberData(nameof(Hooks))]
    public void A_program_is_attached_once_replaced_by_another_and_detached(
        TcMechanism mechanism,
        TcDirection direction
    )
    {
        Assert.SkipUnless(
            mechanism == TcMechanism.Clsact || TcHook.Probe() == TcMechanism.Tcx,
            "this kernel has no tcx (Linux 6.6 has it): clsact stands in for it"
        );
        var programs = fixture.Datapath.Programs;
        using var scratch = NetworkNamespace.Create();
        scratch.Run(() =>
        {
            using var socket = RouteSocket.Open();
            socket.Execute(new RouteBatch().AddVeth(new VethSpec { Name = "weft_a", PeerName = "weft_b" }));
            var device = socket.FindLink("weft_a")!.Index.Value;

            Assert.Null(TcHook.Attached(mechanism, device, direction));
            Assert.True(TcHook.Attach(mechanism, device, direction, programs.FromNetdev));
            Assert.False(TcHook.Attach(mechanism, device, direction, programs.FromNetdev));
            Assert.Equal(programs.FromNetdev.Info().Tag, TcHook.Attached(mechanism, device, direction)!.Tag);

            Assert.True(TcHook.Attach(mechanism, device, direction, programs.ToNetdev));
            Assert.Equal(programs.ToNetdev.Info().Tag, TcHook.Attached(mechanism, device, direction)!.Tag);

            Assert.True(TcHook.Detach(mechanism, device, direction));
            Assert.False(TcHook.Detach(mechanism, device, direction));
            Assert.Null(TcHook.Attached(mechanism, device, direction));
        });
    }

    [Fact]
    public void Attaching_to_a_device_that_is_not_there_names_program_and_device()
    {
        const int Nowhere = 999_999;
        var refused = Assert.Throws<BpfException>(() =>
            TcHook.Attach(TcHook.Probe(), Nowhere, TcDirection.Ingress, fixture.Datapath.Programs.FromPod)
        );
        Assert.Contains("999999", refused.Message, StringComparison.Ordinal);
    }
}
