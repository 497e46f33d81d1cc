using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Netlink;

namespace Weft.Agent.Node;

/// <summary>The programs on the node's devices: those to the outside, and Weft's own.</summary>
internal sealed partial class DevicePrograms(Programs programs, TcMechanism mechanism, bool xdp, ILogger logger)
{
    private readonly ConcurrentDictionary<int, string> withoutXdp = [];

    /// <summary>Why devices are without XDP that should have it.</summary>
    public IReadOnlyCollection<string> WithoutXdp => [.. withoutXdp.Values];

    /// <summary>Attaches them where they belong, and removes them from where they were before.</summary>
    public void Attach(RouteSocket host, Link hostLink, Link? overlay, Underlay underlay)
    {
        TcHook.Attach(mechanism, hostLink.Index.Value, TcDirection.Egress, programs.FromHost);
        if (overlay is not null)
        {
            TcHook.Attach(mechanism, overlay.Index.Value, TcDirection.Ingress, programs.FromOverlay);
        }

        var outside = underlay.Devices.Select(device => device.Link).DistinctBy(link => link.Index).ToList();
        foreach (var device in outside)
        {
            TcHook.Attach(mechanism, device.Index.Value, TcDirection.Ingress, programs.FromNetdev);
            TcHook.Attach(mechanism, device.Index.Value, TcDirection.Egress, programs.ToNetdev);
            if (xdp)
            {
                AttachXdp(device);
            }
            else
            {
                XdpHook.Detach(device.Index.Value);
            }
        }

        var indexes = outside.Select(device => device.Index).ToHashSet();
        // A device that led outside before.
        foreach (var link in host.Links().Where(link => !NodeLinks.IsOurs(link.Name) && !indexes.Contains(link.Index)))
        {
            TcHook.Detach(mechanism, link.Index.Value, TcDirection.Ingress);
            TcHook.Detach(mechanism, link.Index.Value, TcDirection.Egress);
            XdpHook.Detach(link.Index.Value);
        }
    }

    /// <summary>Without XDP the same packets take the way through tc: said once, and no reason to stop.</summary>
    private void AttachXdp(Link device)
    {
        try
        {
            if (XdpHook.Attach(device.Index.Value, programs.XdpNetdev))
            {
                LogXdp(device.Name);
            }

            withoutXdp.TryRemove(device.Index.Value, out _);
        }
        catch (BpfException e)
        {
            if (withoutXdp.GetValueOrDefault(device.Index.Value) != e.Message)
            {
                withoutXdp[device.Index.Value] = e.Message;
                LogWithoutXdp(device.Name, e.Message.ReplaceLineEndings("; "));
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Device {Device} forwards connections from outside by XDP")]
    private partial void LogXdp(string device);

    [LoggerMessage(
        LogLevel.Warning,
        "Device {Device} is without XDP, connections from outside go through tc on it: {Reason}"
    )]
    private partial void LogWithoutXdp(string device, string reason);
}
