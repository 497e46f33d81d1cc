using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Weft.Bpf;
using Weft.Datapath;
using Weft.Lab;
using Weft.Lab.Probes;
using Weft.Netlink;
using Weft.Tests.EndToEnd.Lab;

namespace Weft.Tests.EndToEnd.Services;

/// <summary>
/// A cluster of two nodes with a client pod and a server pod on each, and a pod apart whose sockets are left alone. Servers tell their names, on port 8080 of both
/// protocols. Services come and go by kubectl, and clients are processes where Kubernetes puts them: a test's own sockets
/// are in no node's control group.
/// </summary>
internal sealed class ServiceLab : IDisposable
{
    public const int TargetPort = 8080;
    private const string Namespace = "svc";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public ServiceLab(string routing)
    {
        Lab = LabUnderTest.UpWithKubernetes(nodes: 2, routing);
        try
        {
            Apply(
                $$"""
                apiVersion: v1
                kind: Namespace
                metadata: {name: {{Namespace}}}
                ---
                {{Pod("client-1", 1, "sleep", "infinity")}}
                ---
                {{Pod("client-2", 2, "sleep", "infinity")}}
                ---
                {{Annotated(Pod("apart", 1, "sleep", "infinity"))}}
                ---
                {{Server("web-1", 1)}}
                ---
                {{Server("web-2", 2)}}
                """
            );
            Kubectl("wait", "pod", "--all", "--for=condition=Ready", "--timeout=120s");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public LabUnderTest Lab { get; }

    /// <summary>kubectl apply -f.</summary>
    public void Apply(string manifest)
    {
        var file = $"{Lab.Directory}/manifest.yaml";
        File.WriteAllText(file, manifest);
        Kubectl("apply", "-f", file);
    }

    public string Kubectl(params string[] arguments) =>
        WeftCommand
            .Run("kubectl", ["--kubeconfig", $"{Lab.Directory}/kubeconfig", "-n", Namespace, .. arguments])
            .Succeeded();

    /// <summary>A Service of both families for the servers with a label app=APP, with port 80 of TCP and UDP.</summary>
    public IReadOnlyList<IPAddress> Service(string name, string app, string type = "ClusterIP", string more = "{}")
    {
        var spec = new JsonObject
        {
            ["type"] = type,
            ["ipFamilyPolicy"] = "RequireDualStack",
            ["selector"] = new JsonObject { ["app"] = app },
            ["ports"] = new JsonArray(Port("tcp", "TCP"), Port("udp", "UDP")),
        };
        foreach (var (key, value) in JsonNode.Parse(more)!.AsObject())
        {
            spec[key] = value?.DeepClone();
        }

        Apply(
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Service",
                ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
                ["spec"] = spec,
            }.ToJsonString()
        );
        return
        [
            .. Kubectl("get", "service", name, "-o", "jsonpath={.spec.clusterIPs[*]}")
                .Split(' ')
                .Select(IPAddress.Parse)
                .OrderBy(ip => ip.AddressFamily),
        ];
    }

    /// <summary>A server with labels app=APP and pod=NAME.</summary>
    public static string Server(string name, int node, string app = "both") =>
        Pod(name, node, WeftCommand.Path, "probe", "serve", "--port", $"{TargetPort}", "--name", name)
            .Replace("labels: {}", $"labels: {{app: {app}, pod: {name}}}", StringComparison.Ordinal);

    /// <summary>
    /// Four servers with a label app=NAME. One that is to end goes on for a while, as servers have to: nodes hear of it
    /// at the same time as the server does.
    /// </summary>
    public static string Deployment(string name) =>
        $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: {{name}}
              namespace: {{Namespace}}
            spec:
              replicas: 4
              selector: {matchLabels: {app: {{name}} } }
              template:
                metadata: {labels: {app: {{name}} } }
                spec:
                  terminationGracePeriodSeconds: 30
                  containers:
                  - name: main
                    image: host
                    command:
                    - sh
                    - -c
                    - "{{WeftCommand.Path}} probe serve --port {{TargetPort}} & server=$!; trap 'sleep 3; kill $server' TERM; wait; wait"
                    readinessProbe: {tcpSocket: {port: {{TargetPort}}}, periodSeconds: 1}
            """;

    /// <summary>What a connection from a pod says.</summary>
    public ProbeResult FromPod(string pod, ProtocolType protocol, IPAddress to, int port = 80) =>
        Read(Lab.Exec($"{Namespace}/{pod}", Probing(protocol, to, port)));

    /// <summary>What a connection from a process of a node says.</summary>
    public ProbeResult FromNode(int node, ProtocolType protocol, IPAddress to, int port = 80) =>
        Read(Lab.ExecOnNode(node, Probing(protocol, to, port)));

    /// <summary>What a connection of a client outside of the cluster says.</summary>
    public static ProbeResult FromOutside(
        NetworkNamespace outside,
        ProtocolType protocol,
        IPAddress to,
        int port,
        int count = 1
    )
    {
        var probing = Probing(protocol, to, port, count);
        return Read(outside.Run(() => WeftCommand.Run(probing[0], probing[1..])));
    }

    /// <summary>A node's own addresses, IPv4 first.</summary>
    public static IReadOnlyList<IPAddress> AddressesOf(int node) =>
        [.. AddressPlan.OfNode(node).Select(prefix => prefix.Address.ToIPAddress())];

    /// <summary>Starts a node's agent anew with another value of one of its keys.</summary>
    public void Configure(int node, string key, JsonNode value) => Configure(node, config => config[key] = value);

    /// <summary>Starts a node's agent anew with a changed configuration.</summary>
    public void Configure(int node, Action<JsonObject> change)
    {
        var file = $"{Lab.Directory}/nodes/node{node}/agent.json";
        var config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        change(config);
        File.WriteAllText(file, config.ToJsonString());
        Lab.Weft("agent", "kill", "--node", $"{node}").Succeeded();
        Lab.Weft("agent", "start", "--node", $"{node}").Succeeded();
    }

    /// <summary>What a connection from outside of the cluster says.</summary>
    public ProbeResult FromOutside(ProtocolType protocol, IPAddress to, int port = 80)
    {
        using var outside = NetworkNamespace.Open($"{Lab.Directory}/netns/outside");
        return Read(outside.Run(() => WeftCommand.Run([.. Probing(protocol, to, port).Skip(1)])));
    }

    /// <summary>The node port of a Service's port.</summary>
    public int NodePortOf(string service, ProtocolType protocol) =>
        int.Parse(
            Kubectl(
                "get",
                "service",
                service,
                "-o",
                $$"""jsonpath={.spec.ports[?(@.name=="{{(protocol == ProtocolType.Tcp ? "tcp" : "udp")}}")].nodePort}"""
            ),
            CultureInfo.InvariantCulture
        );

    /// <summary>How many connections a node translates packet by packet, each way counted.</summary>
    public long Translations(int node)
    {
        using var pinned = PinnedMap.Open<NatKey, Translation>(
            $"/proc/{Lab.AgentOf(node)}/root/sys/fs/bpf/weft/translations"
        );
        return pinned.Map.Count();
    }

    /// <summary>Asks until the answer is right, and fails with the last one when it never is.</summary>
    public static void Eventually(Func<ProbeResult> ask, Func<ProbeResult, bool> isRight)
    {
        var giveUp = DateTime.UtcNow + Patience;
        var last = ask();
        while (!isRight(last))
        {
            Assert.True(DateTime.UtcNow < giveUp, $"the last answer was {last}");
            last = ask();
        }
    }

    /// <summary>Asks until each of these has answered once, and nobody else ever.</summary>
    public static void ReachesAll(Func<ProbeResult> ask, params string[] servers)
    {
        Eventually(ask, answer => answer.Ok);
        var left = servers.ToHashSet();
        for (var tries = 0; left.Count > 0; tries++)
        {
            Assert.True(tries < 100, $"{string.Join(", ", left)} never answered");
            var answer = ask();
            Assert.True(answer.Ok, answer.Problem);
            Assert.Contains(answer.SeenAs, servers);
            left.Remove(answer.SeenAs!);
        }
    }

    public void Dispose() => Lab.Dispose();

    private static JsonObject Port(string name, string protocol) =>
        new()
        {
            ["name"] = name,
            ["port"] = 80,
            ["protocol"] = protocol,
            ["targetPort"] = TargetPort,
        };

    private static string Pod(string name, int node, params string[] command) =>
        $$"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: {{name}}
              namespace: {{Namespace}}
              labels: {}
            spec:
              nodeName: node{{node}}
              terminationGracePeriodSeconds: 1
              containers:
              - name: main
                image: host
                command: [{{string.Join(", ", command.Select(word => $"\"{word}\""))}}]
            """;

    private static string Annotated(string pod) =>
        pod.Replace(
            "  labels: {}",
            "  labels: {}\n  annotations: {weft.dev/socket-lb: \"false\"}",
            StringComparison.Ordinal
        );

    private static string[] Probing(ProtocolType protocol, IPAddress to, int port, int count = 1) =>
        [
            WeftCommand.Path,
            "probe",
            protocol == ProtocolType.Tcp ? "tcp" : "udp",
            $"{to}",
            "--port",
            $"{port}",
            "--count",
            $"{count}",
        ];

    /// <summary>What has no value is left out in what the probe prints.</summary>
    public static ProbeResult Read(Outcome outcome)
    {
        Assert.True(outcome.Output.Length > 0, $"the probe said nothing: {outcome.Error}");
        var json = JsonNode.Parse(outcome.Output)!;
        return new ProbeResult((bool)json["ok"]!, (string?)json["problem"], [], (string?)json["seenAs"]);
    }
}
