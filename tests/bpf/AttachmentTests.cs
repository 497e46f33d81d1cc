using Weft.Bpf;
using Weft.Netlink;

namespace Weft.Tests.Bpf;

/// <summary>TcHook, by both mechanisms, and XdpHook, on devices of the test's own.</summary>
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

    [Fact]
    public void An_XDP_program_is_attached_once_and_detached()
    {
        var program = fixture.Datapath.Programs.XdpNetdev;
        using var scratch = NetworkNamespace.Create();
        scratch.Run(() =>
        {
            using var socket = RouteSocket.Open();
            socket.Execute(new RouteBatch().AddVeth(new VethSpec { Name = "weft_a", PeerName = "weft_b" }));
            var device = socket.FindLink("weft_a")!.Index.Value;

            Assert.Null(XdpHook.Attached(device));
            Assert.True(XdpHook.Attach(device, program));
            Assert.False(XdpHook.Attach(device, program));
            Assert.Equal(program.Info().Tag, XdpHook.Attached(device)!.Tag);

            // Of another load, on other maps: in place of the first.
            var next = DatapathFixture.Next.Programs.XdpNetdev;
            Assert.True(XdpHook.Attach(device, next));
            Assert.Equal(next.Info().Id, XdpHook.Attached(device)!.Id);

            Assert.True(XdpHook.Detach(device));
            Assert.False(XdpHook.Detach(device));
            Assert.Null(XdpHook.Attached(device));
        });
    }

    [Fact]
    public void A_device_whose_driver_runs_no_XDP_programs_is_refused()
    {
        using var scratch = NetworkNamespace.Create();
        scratch.Run(() =>
        {
            using var socket = RouteSocket.Open();
            socket.Execute(new RouteBatch().AddBridge("weft_a"));
            var device = socket.FindLink("weft_a")!.Index.Value;
            var refused = Assert.Throws<BpfException>(() =>
                XdpHook.Attach(device, fixture.Datapath.Programs.XdpNetdev)
            );
            Assert.Equal(95, refused.Errno); // EOPNOTSUPP
            Assert.Contains("native mode", refused.Message, StringComparison.Ordinal);
            Assert.Null(XdpHook.Attached(device));
            Assert.False(XdpHook.Detach(device));
        });
    }
}
