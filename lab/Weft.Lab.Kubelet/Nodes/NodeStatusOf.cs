using System.Globalization;
using System.Runtime.InteropServices;
using Weft.Kubernetes.Objects;

namespace Weft.Lab.Kubelet.Nodes;

/// <summary>What a Node's status says of a node of the lab.</summary>
internal static class NodeStatusOf
{
    private const int MostPods = 1000;

    /// <param name="node">This node.</param>
    /// <param name="networkProblem">Why pods get no network here, or null.</param>
    /// <param name="before">The conditions so far, whose times of transition are kept.</param>
    /// <param name="version">This program's.</param>
    /// <param name="now">Time of the heartbeat.</param>
    public static NodeStatus Build(
        KubeletNode node,
        string? networkProblem,
        IReadOnlyList<NodeCondition> before,
        string version,
        DateTimeOffset now
    )
    {
        var size = new Dictionary<string, string>
        {
            ["cpu"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
            ["memory"] = string.Create(
                CultureInfo.InvariantCulture,
                $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 10}Ki"
            ),
            ["pods"] = MostPods.ToString(CultureInfo.InvariantCulture),
        };
        return new NodeStatus
        {
            Addresses =
            [
                .. node.Addresses.Select(a => new NodeAddress { Type = "InternalIP", Address = a }),
                new NodeAddress { Type = "Hostname", Address = node.Files.Name },
            ],
            Capacity = size,
            Allocatable = size,
            Conditions =
            [
                Condition(
                    "MemoryPressure",
                    false,
                    "KubeletHasSufficientMemory",
                    "kubelet has sufficient memory available"
                ),
                Condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                Condition("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                networkProblem is null
                    ? Condition("Ready", true, "KubeletReady", "kubelet is posting ready status")
                    : Condition(
                        "Ready",
                        false,
                        "KubeletNotReady",
                        $"container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:{networkProblem}"
                    ),
            ],
            NodeInfo = new NodeSystemInfo
            {
                MachineID = node.Files.Name,
                SystemUUID = node.Files.Name,
                BootID = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(),
                KernelVersion = File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
                OsImage = "Weft lab",
                ContainerRuntimeVersion = $"weft-lab://{version}",
                KubeletVersion = $"v{version}-weft-lab",
                OperatingSystem = "linux",
                Architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            },
        };

        NodeCondition Condition(string type, bool status, string reason, string message)
        {
            var last = before.FirstOrDefault(c => c.Type == type);
            var text = status ? "True" : "False";
            return new NodeCondition
            {
                Type = type,
                Status = text,
                Reason = reason,
                Message = message,
                LastHeartbeatTime = now,
                LastTransitionTime = last?.Status == text ? last.LastTransitionTime ?? now : now,
            };
        }
    }
}
