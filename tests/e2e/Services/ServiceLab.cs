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
    public const string Namespace = "svc";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly LabDirectory directory;

    public ServiceLab(string routing)
    {
        Lab = LabUnderTest.UpWithKubernetes(nodes: 2, routing);
        directory = LabDirectory.At(Lab.Directory);
        try
        {
            Apply(
                $$"""
                apiVersion: v1
                kind: Namespace
                metadata: {name: {{Namespace}}}
                ---
                {{ServicePods.Client("client-1", 1)}}
                ---
                {{ServicePods.Client("client-2", 2)}}
                ---
                {{ServicePods.Client("apart", 1, isApart: true)}}
                ---
                {{ServicePods.Server("web-1", 1)}}
                ---
                {{ServicePods.Server("web-2", 2)}}
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

    public NodeFiles Node(int number) => directory.Node(number);

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
        return ClusterIPsOf(name);
    }

    /// <summary>IPv4 first.</summary>
    public IReadOnlyList<IPAddress> ClusterIPsOf(string service) =>
        [
            .. Kubectl("get", "service", service, "-o", "jsonpath={.spec.clusterIPs[*]}")
                .Split(' ')
                .Select(IPAddress.Parse)
                .OrderBy(ip => ip.AddressFamily),
        ];

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

    /// <summary>A pod's own, IPv4 first.</summary>
    public IReadOnlyList<IPAddress> AddressesOf(string pod) =>
        [.. Kubectl("get", "pod", pod, "-o", "jsonpath={.status.podIPs[*].ip}").Split(' ').Select(IPAddress.Parse)];

    /// <summary>A pod's network; for the caller to dispose.</summary>
    public NetworkNamespace NetworkOf(string pod) =>
        NetworkNamespace.Open(directory.Pod(new PodName(Namespace, pod)).Netns);

    /// <summary>That of clients outside of the cluster; for the caller to dispose.</summary>
    public NetworkNamespace NetworkOutside() => NetworkNamespace.Open(directory.OutsideNetns);

    /// <summary>Sockets of a pod on that node, IPv4 first.</summary>
    public IReadOnlyList<RepeatingClient> SocketsIn(string pod, int node)
    {
        using var network = NetworkOf(pod);
        IReadOnlyList<RepeatingClient> sockets = [];
        Node(node).OpenSockets(() => sockets = network.Run(RepeatingClient.OfBothFamilies));
        return sockets;
    }

    /// <summary>A UDP socket outside of the cluster, of a pod on that node, or of the node itself; it is not connected.</summary>
    public Socket UdpSocket(AddressFamily family, int? node = null, string? pod = null)
    {
        using var network =
            pod is not null ? NetworkOf(pod)
            : node is { } number ? NetworkNamespace.Open(Node(number).Netns)
            : NetworkOutside();
        var socket = (Socket?)null;
        if (node is { } at)
        {
            Node(at).OpenSockets(Open);
        }
        else
        {
            Open();
        }

        return socket!;

        void Open() => socket = network.Run(() => new Socket(family, SocketType.Dgram, ProtocolType.Udp));
    }

    /// <summary>Sockets outside of the cluster, IPv4 first.</summary>
    public IReadOnlyList<RepeatingClient> SocketsOutside()
    {
        using var outside = NetworkOutside();
        return outside.Run(RepeatingClient.OfBothFamilies);
    }

    /// <summary>Starts a node's agent anew with another value of one of its keys.</summary>
    public void Configure(int node, string key, JsonNode value) => Configure(node, config => config[key] = value);

    /// <summary>Starts a node's agent anew with another configuration.</summary>
    public void Configure(int node, Action<JsonObject> change)
    {
        var file = Node(node).Config;
        var config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        change(config);
        File.WriteAllText(file, config.ToJsonString());
        RestartAgent(node);
    }

    /// <summary>By SIGKILL.</summary>
    public void RestartAgent(int node)
    {
        Lab.Weft("agent", "kill", "--node", $"{node}").Succeeded();
        Lab.Weft("agent", "start", "--node", $"{node}").Succeeded();
    }

    /// <summary>What a connection from outside of the cluster says.</summary>
    public ProbeResult FromOutside(ProtocolType protocol, IPAddress to, int port = 80)
    {
        using var outside = NetworkOutside();
        return Read(outside.Run(() => WeftCommand.Run([.. Probing(protocol, to, port).Skip(1)])));
    }

    /// <summary>The node port of a Service's only port.</summary>
    public int NodePortOf(string service) =>
        int.Parse(
            Kubectl("get", "service", service, "-o", "jsonpath={.spec.ports[0].nodePort}"),
            CultureInfo.InvariantCulture
        );

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

    /// <summary>The whole answer of a node to a load balancer's health check from outside; empty when there was none.</summary>
    public string HealthOf(string service, IPAddress node)
    {
        var port = int.Parse(
            Kubectl("get", "service", service, "-o", "jsonpath={.spec.healthCheckNodePort}"),
            CultureInfo.InvariantCulture
        );
        using var outside = NetworkOutside();
        using var socket = outside.Run(() => new Socket(node.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            socket.Connect(node, port);
        }
        catch (SocketException)
        {
            return "";
        }

        socket.Send("GET /healthz HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n"u8);
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>How many connections a node translates packet by packet, each way counted.</summary>
    public long Translations(int node)
    {
        using var pinned = PinnedMap.Open<NatKey, Translation>(
            $"/proc/{Lab.AgentOf(node)}/root/sys/fs/bpf/weft/translations"
        );
        return pinned.Map.Count();
    }

    /// <summary>Who of a node's pods have their sockets left alone, by the cookies of their networks.</summary>
    public IReadOnlySet<ulong> PacketOnly(int node)
    {
        using var pinned = PinnedMap.Open<ulong, byte>($"/proc/{Lab.AgentOf(node)}/root/sys/fs/bpf/weft/packet_only");
        return pinned.Map.ToDictionary().Keys.ToHashSet();
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
