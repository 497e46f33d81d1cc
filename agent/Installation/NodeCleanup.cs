using Weft.Agent.Configuration;
using Weft.Agent.Node;
using Weft.Agent.Readiness;
using Weft.Agent.Services;
using Weft.Bpf;
using Weft.Configuration;
using Weft.Netlink;

namespace Weft.Agent.Installation;

/// <summary>
/// Takes all that is Weft's off a node, and nothing else: pods that have their network from Weft lose it, others' do not
/// notice. What is gone already is fine. A step that fails does not keep the others from being taken.
/// </summary>
/// <param name="settings">The agent's: they say where things are.</param>
/// <param name="pluginDirectory">Where the plugin was installed.</param>
/// <param name="bringBackOthers">Whether other networks' configurations get their names back.</param>
/// <param name="said">For what was removed.</param>
/// <param name="errors">For what could not be.</param>
internal sealed class NodeCleanup(
    NodeSettings settings,
    string pluginDirectory,
    bool bringBackOthers,
    TextWriter said,
    TextWriter errors
)
{
    private bool failed;

    /// <summary>Removes everything, in an order in which no packet meets half of it.</summary>
    /// <returns>False when something is left, which standard error names.</returns>
    /// <exception cref="ConfigException">An agent runs.</exception>
    public bool Run()
    {
        using (AgentLock.Take(settings.RunDirectory))
        {
            if (settings.Kubernetes is { } kubernetes)
            {
                Step("the CNI configuration", () => RemoveConfiguration(kubernetes.CniConfigDirectory));
                Step("the programs for sockets", RemoveSocketPrograms);
            }

            Step("the programs of devices", RemoveDevicePrograms);
            Step("the devices", RemoveLinks);
            Step("the routes", RemoveRoutes);
            Step("the maps", () => RemoveDirectory(settings.BpfDirectory));
            Step("the plugin", () => RemoveFile(Path.Combine(pluginDirectory, PluginInstallation.FileName)));
            if (settings.Kubernetes is { } cluster)
            {
                Step("what was learned of the API server", () => RemoveDirectory(cluster.StateDirectory));
            }

            // The lock among it: whoever waits for that finds the node clean.
            Step("sockets and records", () => RemoveDirectory(settings.RunDirectory));
        }

        return !failed;
    }

    private void RemoveConfiguration(string directory)
    {
        if (bringBackOthers)
        {
            // Before Weft's goes: the runtime never finds none.
            foreach (var name in OtherNetworks.BringBack(directory))
            {
                said.WriteLine($"brought back {Path.Combine(directory, name)}");
            }
        }

        RemoveFile(Path.Combine(directory, CniConfiguration.FileName));
    }

    private void RemoveSocketPrograms()
    {
        if (CgroupRoot.Find(settings.Services?.CgroupRoot) is { } cgroup && SocketPrograms.Detach(cgroup))
        {
            said.WriteLine($"detached the programs of {cgroup}");
        }
    }

    private void RemoveDevicePrograms()
    {
        var mechanism = TcHook.Probe();
        using var host = RouteSocket.Open();
        foreach (var link in host.Links().Where(link => !NodeLinks.IsOurs(link.Name)))
        {
            // All of them, one after the other.
            if (
                TcHook.Detach(mechanism, link.Index.Value, TcDirection.Ingress)
                | TcHook.Detach(mechanism, link.Index.Value, TcDirection.Egress)
                | XdpHook.Detach(link.Index.Value)
            )
            {
                said.WriteLine($"detached the programs of {link.Name}");
            }
        }
    }

    /// <summary>Pods' and the node's own; their programs and most routes go with them.</summary>
    private void RemoveLinks()
    {
        using var host = RouteSocket.Open();
        // A veth's two ends go together.
        foreach (var link in host.Links().Where(link => NodeLinks.IsOurs(link.Name) && link.Name != NodeLinks.HostPeer))
        {
            if (host.FindLink(link.Name) is not null)
            {
                host.Execute(new RouteBatch().DeleteLink(link.Name));
                said.WriteLine($"removed the device {link.Name}");
            }
        }
    }

    private void RemoveRoutes()
    {
        using var host = RouteSocket.Open();
        foreach (var route in host.Routes().Where(route => route.Protocol == NodePlan.RouteProtocol))
        {
            host.Execute(new RouteBatch().DeleteRoute(route));
            said.WriteLine($"removed the route to {route.Destination}");
        }
    }

    private void RemoveFile(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
            said.WriteLine($"removed {path}");
        }
    }

    private void RemoveDirectory(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        foreach (var directory in Directory.EnumerateDirectories(path))
        {
            Directory.Delete(directory, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(path))
        {
            File.Delete(file);
        }

        if (IsMountPoint(path))
        {
            said.WriteLine($"emptied {path}, which is a mount point");
            return;
        }

        Directory.Delete(path);
        said.WriteLine($"removed {path}");
    }

    /// <summary>By proc_pid_mountinfo(5). What is mounted cannot be removed, and is whoever's who mounted it.</summary>
    private static bool IsMountPoint(string path) =>
        File.ReadLines("/proc/self/mountinfo").Any(line => line.Split(' ')[4] == path);

    private void Step(string what, Action take)
    {
        try
        {
            take();
        }
        catch (Exception e)
            when (e is BpfException or NetlinkException or ConfigException or IOException or UnauthorizedAccessException
            )
        {
            failed = true;
            errors.WriteLine($"weft-agent: {what} cannot be removed: {e.Message}");
        }
    }
}
