using Weft.Bpf;
using Weft.Netlink;

namespace Weft.Agent.Check;

/// <summary>Makes one of each device Weft needs, in a network namespace that ends with the probe.</summary>
internal static class DeviceProbe
{
    private const string Name = "weft_probe";

    public static IEnumerable<Finding> Run()
    {
        NetworkNamespace scratch;
        try
        {
            scratch = NetworkNamespace.Create();
        }
        catch (NamespaceException e)
        {
            return [new Finding("network namespaces", false, true, "", e.Message)];
        }

        using (scratch)
        {
            return
            [
                new Finding("network namespaces", true, true, "pods", ""),
                Try(
                    scratch,
                    "veth",
                    "pods",
                    new RouteBatch().AddVeth(new VethSpec { Name = Name, PeerName = Name + "2" }),
                    true
                ),
                Try(
                    scratch,
                    "vxlan",
                    "routing mode vxlan",
                    new RouteBatch().AddVxlan(
                        new VxlanSpec
                        {
                            Name = Name + "3",
                            Port = 8472,
                            CollectMetadata = true,
                        }
                    ),
                    false
                ),
            ];
        }
    }

    /// <summary>Attaches the program to a veth on both sides, and lets both end.</summary>
    public static void Attach(TcMechanism mechanism, BpfProgram program)
    {
        using var scratch = NetworkNamespace.Create();
        scratch.Run(() =>
        {
            using var socket = RouteSocket.Open();
            socket.Execute(new RouteBatch().AddVeth(new VethSpec { Name = Name, PeerName = Name + "2" }));
            var link = socket.FindLink(Name)!.Index.Value;
            TcHook.Attach(mechanism, link, TcDirection.Ingress, program);
            TcHook.Attach(mechanism, link, TcDirection.Egress, program);
        });
    }

    private static Finding Try(NetworkNamespace scratch, string kind, string use, RouteBatch make, bool needed)
    {
        try
        {
            using var socket = RouteSocket.Open(scratch);
            socket.Execute(make);
            return new Finding($"device {kind}", true, needed, use, "");
        }
        catch (NetlinkException e)
        {
            return new Finding($"device {kind}", false, needed, use, $"{use} cannot be used: {e.Message}");
        }
    }
}
