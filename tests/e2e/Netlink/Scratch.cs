using System.Diagnostics;
using System.Text.Json.Nodes;
using Weft.Net;
using Weft.Netlink;

namespace Weft.Tests.EndToEnd.Netlink;

/// <summary>A network namespace of the test's own, with a socket in it; gone with all its links at the end.</summary>
internal sealed class Scratch : IDisposable
{
    public Scratch()
    {
        Namespace = NetworkNamespace.Create();
        Socket = RouteSocket.Open(Namespace);
    }

    public NetworkNamespace Namespace { get; }

    public RouteSocket Socket { get; }

    public IfIndex Index(string link) => Find(link).Index;

    public Link Find(string link) =>
        Socket.FindLink(link) ?? throw new InvalidOperationException($"{link} is not there");

    /// <summary>A veth pair within this namespace, both ends up, with an address of each family on the first.</summary>
    public IfIndex AddPair(string name = "weft1", string peer = "weft2")
    {
        var up = new LinkChange { Up = true };
        Socket.Execute(
            new RouteBatch()
                .AddVeth(
                    new VethSpec
                    {
                        Name = name,
                        PeerName = peer,
                        NoLinkLocal = true,
                    }
                )
                .SetLink(name, up)
                .SetLink(peer, up)
        );
        var index = Index(name);
        Socket.Execute(
            new RouteBatch()
                .AddAddress(index, Prefix.Parse("10.9.0.1/24"))
                .AddAddress(index, Prefix.Parse("fd09::1/64"))
        );
        return index;
    }

    /// <summary>What ip(8) shows inside the namespace.</summary>
    public JsonArray Ip(params string[] arguments) =>
        Namespace.Run(() =>
        {
            var start = new ProcessStartInfo("ip", ["-j", "-d", .. arguments]) { RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return output.Trim().Length == 0 ? [] : JsonNode.Parse(output)!.AsArray();
        });

    public void Dispose()
    {
        Socket.Dispose();
        Namespace.Dispose();
    }
}
