using System.Net;
using System.Text.Json;
using Weft.Lab;
using Weft.Lab.Probes;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Policy;

/// <summary>
/// A cluster of two nodes with the pods of Kubernetes' own policy tests: a, b and c in each of the namespaces x, y and
/// z, so spread that every namespace is on both nodes, and each with a Service of its own. Policies come and go by
/// kubectl.
/// </summary>
internal class PolicyLab : IDisposable
{
    private const string NameLabel = "kubernetes.io/metadata.name";

    /// <summary>What the pod's Service selects it by; no policy of a case asks about it.</summary>
    private const string ServedLabel = "weft-test/served-by";
    private static readonly string[] kept = [NameLabel, ServedLabel];
    private static readonly string[] namespaces = ["x", "y", "z"];
    private static readonly string[] names = ["a", "b", "c"];
    private readonly LabUnderTest lab;
    private readonly LabDirectory directory;
    private readonly Dictionary<PodRef, PolicyPod> pods = [];

    protected PolicyLab(string routing)
    {
        lab = LabUnderTest.UpWithKubernetes(nodes: 2, routing);
        directory = LabDirectory.At(lab.Directory);
        try
        {
            Apply(string.Join("---\n", namespaces.Append("w").Select(Namespace)));
            var all = namespaces.SelectMany(ns => names.Select(name => new PodRef(ns, name))).Append(new("w", "a"));
            Apply(string.Join("---\n", all.Select((pod, i) => Manifest(pod, NodeOf(i)))));
            Apply(string.Join("---\n", all.Select(ServiceOf)));
            foreach (var ns in namespaces.Append("w"))
            {
                Kubectl("wait", "pod", "--all", "-n", ns, "--for=condition=Ready", "--timeout=120s");
            }

            foreach (var (i, pod) in all.Index())
            {
                pods[pod] = Open(pod, NodeOf(i), ClusterIPsOf(pod));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The nine pods.</summary>
    public IReadOnlyList<PolicyPod> Pods => [.. pods.Values.Where(pod => pod.Name.Namespace != "w")];

    public LabUnderTest Lab => lab;

    public PolicyPod this[string pod] => pods[PodRef.Of(pod)];

    public PolicyPod this[PodRef pod] => pods[pod];

    /// <summary>kubectl apply -f.</summary>
    public void Apply(string manifest)
    {
        var file = $"{lab.Directory}/manifest.yaml";
        File.WriteAllText(file, manifest);
        Kubectl("apply", "-f", file);
    }

    public string Kubectl(params string[] arguments) => TryKubectl(arguments).Succeeded();

    public Outcome TryKubectl(params string[] arguments) =>
        WeftCommand.Run("kubectl", ["--kubeconfig", $"{lab.Directory}/kubeconfig", .. arguments]);

    /// <summary>One more pod, ready to serve; whoever runs it deletes it. The others do not know of it.</summary>
    public PolicyPod Run(PodRef pod, int node)
    {
        Apply(Manifest(pod, node));
        Kubectl("wait", "pod", pod.Name, "-n", pod.Namespace, "--for=condition=Ready", "--timeout=120s");
        return Open(pod, node, clusterIPs: []);
    }

    /// <summary>Takes away what a case leaves: its policies and labels.</summary>
    public void Reset()
    {
        Kubectl("delete", "networkpolicies", "--all", "--all-namespaces", "--wait=true");
        SetLabels(
            pods.Keys.ToDictionary(pod => pod, pod => (IReadOnlyList<string>)[$"pod={pod.Name}"]),
            namespaces.Append("w").ToDictionary(ns => ns, ns => (IReadOnlyList<string>)[$"ns={ns}"])
        );
    }

    /// <summary>Gives pods and namespaces these labels and no others, but for those that are not the cases' affair.</summary>
    public void SetLabels(
        IReadOnlyDictionary<PodRef, IReadOnlyList<string>> ofPods,
        IReadOnlyDictionary<string, IReadOnlyList<string>> ofNamespaces
    )
    {
        using var now = JsonDocument.Parse(Kubectl("get", "pods,namespaces", "--all-namespaces", "-o", "json"));
        foreach (var found in now.RootElement.GetProperty("items").EnumerateArray())
        {
            var meta = found.GetProperty("metadata");
            var name = meta.GetProperty("name").GetString()!;
            if (found.GetProperty("kind").GetString() == "Namespace")
            {
                Change(["namespace", name], ofNamespaces.GetValueOrDefault(name), meta);
            }
            else
            {
                var ns = meta.GetProperty("namespace").GetString()!;
                Change(["pod", name, "-n", ns], ofPods.GetValueOrDefault(new PodRef(ns, name)), meta);
            }
        }
    }

    private void Change(string[] what, IReadOnlyList<string>? wanted, JsonElement meta)
    {
        if (wanted is null)
        {
            return;
        }

        var there = meta.TryGetProperty("labels", out var labels)
            ? labels.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!)
            : [];
        var change = wanted
            .Except(there.Select(label => $"{label.Key}={label.Value}"))
            .Where(label => !kept.Contains(KeyOf(label)))
            .Concat(there.Keys.Except(wanted.Select(KeyOf).Concat(kept)).Select(key => $"{key}-"))
            .ToArray();
        if (change.Length > 0)
        {
            Kubectl(["label", .. what, "--overwrite", .. change]);
        }
    }

    private static string KeyOf(string label) => label[..label.IndexOf('=')];

    public void Dispose()
    {
        foreach (var pod in pods.Values)
        {
            pod.Dispose();
        }

        lab.Dispose();
        GC.SuppressFinalize(this);
    }

    private PolicyPod Open(PodRef pod, int node, IReadOnlyList<IPAddress> clusterIPs) =>
        new(
            pod,
            directory.Node(node),
            $"{lab.Directory}/netns/pod_{pod.Namespace}_{pod.Name}",
            AddressesOf("pod", pod, ".status.podIPs[*].ip"),
            clusterIPs
        );

    private static int NodeOf(int index) => 1 + (index % 2);

    private IReadOnlyList<IPAddress> ClusterIPsOf(PodRef pod) => AddressesOf("service", pod, ".spec.clusterIPs[*]");

    private IReadOnlyList<IPAddress> AddressesOf(string kind, PodRef name, string path) =>
        [
            .. Kubectl("get", kind, name.Name, "-n", name.Namespace, "-o", $"jsonpath={{{path}}}")
                .Split(' ')
                .Select(IPAddress.Parse),
        ];

    // In quotes: to YAML 1.1, y alone is a truth value.
    private static string Namespace(string name) =>
        $"""
            apiVersion: v1
            kind: Namespace
            metadata:
              name: "{name}"
              labels:
                ns: "{name}"

            """;

    private static string PortName(ushort port, PathProtocol protocol) =>
        $"serve-{port}-{protocol.ToString().ToLowerInvariant()}";

    /// <summary>The Service of a pod, with its name.</summary>
    private static string ServiceOf(PodRef pod)
    {
        var ports =
            from port in PolicyPod.Ports
            from protocol in Enum.GetValues<PathProtocol>()
            let name = PortName(port, protocol)
            select $"{{name: {name}, port: {PolicyPod.ServicePort(port, protocol)}, targetPort: {name}, protocol: {protocol.ToString().ToUpperInvariant()}}}";
        return $"""
            apiVersion: v1
            kind: Service
            metadata:
              name: "{pod.Name}"
              namespace: "{pod.Namespace}"
            spec:
              ipFamilyPolicy: RequireDualStack
              selector:
                {ServedLabel}: "{pod.Name}"
              ports: [{string.Join(", ", ports)}]

            """;
    }

    private static string Manifest(PodRef pod, int node)
    {
        var ports =
            from port in PolicyPod.Ports
            from protocol in Enum.GetValues<PathProtocol>()
            select $"{{name: {PortName(port, protocol)}, containerPort: {port}, protocol: {protocol.ToString().ToUpperInvariant()}}}";
        return $"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: "{pod.Name}"
              namespace: "{pod.Namespace}"
              labels:
                pod: "{pod.Name}"
                {ServedLabel}: "{pod.Name}"
            spec:
              nodeName: node{node}
              terminationGracePeriodSeconds: 0
              containers:
              - name: main
                image: host
                command: [sleep, infinity]
                ports: [{string.Join(", ", ports)}]

            """;
    }
}

/// <summary>With tunnels between the nodes.</summary>
internal sealed class VxlanPolicyLab() : PolicyLab("vxlan");

/// <summary>With routes between the nodes.</summary>
internal sealed class NativePolicyLab() : PolicyLab("native");
