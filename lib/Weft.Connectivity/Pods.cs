using System.Globalization;
using Weft.Kubernetes.Objects;

namespace Weft.Connectivity;

/// <summary>The objects that a test makes.</summary>
internal static class Pods
{
    public const int Port = 8080;
    public const int ServicePort = 80;

    /// <summary>Servers: on the node most clients are on, and on another one.</summary>
    public const string Here = "server-here",
        There = "server-there";

    /// <summary>Servers in the network of the nodes.</summary>
    public const string HostHere = "host-here",
        HostThere = "host-there";

    /// <summary>A server that a policy lets only <see cref="Client"/> reach.</summary>
    public const string Guarded = "guarded";

    /// <summary>The pod from which most is tried.</summary>
    public const string Client = "client";

    /// <summary>The same in the network of its node.</summary>
    public const string NodeClient = "node-client";

    /// <summary>Those the policy does not allow.</summary>
    public const string Stranger = "stranger",
        StrangerThere = "stranger-there";

    private const string App = "app";
    private const string Access = "access";

    /// <summary>What all that a test makes is in. Pods in nodes' networks need the privileged level.</summary>
    public static Namespace Space(string name) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Name = name,
                Labels = new Dictionary<string, string>
                {
                    ["app.kubernetes.io/name"] = "weft-connectivity",
                    ["pod-security.kubernetes.io/enforce"] = "privileged",
                },
            },
        };

    /// <summary>Those that have to run before clients are made.</summary>
    public static IReadOnlyList<Pod> Servers(string space, TestNode here, TestNode? there, ConnectivityOptions options)
    {
        List<Pod> servers =
        [
            Server(Here, here, "server", Port, host: false),
            Server(HostHere, here, "host", options.HostPort, host: true),
            Server(Guarded, here, "guarded", Port, host: false),
        ];
        if (there is not null)
        {
            servers.Add(Server(There, there, "server", Port, host: false));
            servers.Add(Server(HostThere, there, "host", options.HostPort, host: true));
        }

        return servers;

        Pod Server(string name, TestNode node, string app, int port, bool host) =>
            Make(
                space,
                name,
                node,
                new() { [App] = app },
                options,
                ["serve", port.ToString(CultureInfo.InvariantCulture), name],
                "Always",
                host
            );
    }

    /// <summary>One for each client that has paths; it tries them, and ends.</summary>
    public static IReadOnlyList<Pod> Clients(
        string space,
        Topology cluster,
        IReadOnlyList<PlannedPath> paths,
        ConnectivityOptions options
    ) =>
        [
            .. paths
                .Select((path, id) => (path, id))
                .GroupBy(planned => planned.path.Client)
                .Select(group =>
                    Make(
                        space,
                        group.Key,
                        group.Key == StrangerThere ? cluster.There! : cluster.Here,
                        group.Key == Client ? new() { [Access] = "yes" } : [],
                        options,
                        [
                            "try",
                            ((int)options.PathPatience.TotalSeconds).ToString(CultureInfo.InvariantCulture),
                            .. group.Select(planned => planned.path.Argument(planned.id)),
                        ],
                        "Never",
                        host: group.Key == NodeClient
                    )
                ),
        ];

    /// <summary>A Service of both protocols, and both families where the cluster has them.</summary>
    public static Service Service(string space) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = space, Name = "server" },
            Spec = new ServiceSpec
            {
                Type = "NodePort",
                IpFamilyPolicy = "PreferDualStack",
                Selector = new Dictionary<string, string> { [App] = "server" },
                Ports = [Listening("tcp", "TCP"), Listening("udp", "UDP")],
            },
        };

    /// <summary>Isolates <see cref="Guarded"/>.</summary>
    public static NetworkPolicy Policy(string space) =>
        new()
        {
            Metadata = new ObjectMeta { Namespace = space, Name = "guarded" },
            Spec = new NetworkPolicySpec
            {
                PodSelector = Labelled(App, "guarded"),
                PolicyTypes = ["Ingress"],
                Ingress =
                [
                    new NetworkPolicyIngressRule
                    {
                        From = [new NetworkPolicyPeer { PodSelector = Labelled(Access, "yes") }],
                    },
                ],
            },
        };

    private static LabelSelector Labelled(string key, string value) =>
        new() { MatchLabels = new Dictionary<string, string> { [key] = value } };

    private static ServicePort Listening(string name, string protocol) =>
        new()
        {
            Name = name,
            Protocol = protocol,
            Port = ServicePort,
            TargetPort = new IntOrString(Port),
        };

    private static Pod Make(
        string space,
        string name,
        TestNode node,
        Dictionary<string, string> labels,
        ConnectivityOptions options,
        IReadOnlyList<string> arguments,
        string restart,
        bool host
    ) =>
        new()
        {
            Metadata = new ObjectMeta
            {
                Namespace = space,
                Name = name,
                Labels = labels,
            },
            Spec = new PodSpec
            {
                NodeName = node.Name,
                HostNetwork = host ? true : null,
                RestartPolicy = restart,
                TerminationGracePeriodSeconds = 1,
                Tolerations = [new Toleration { Operator = "Exists" }],
                Containers =
                [
                    new Container
                    {
                        Name = "main",
                        Image = options.Image,
                        Command = [options.Command, .. arguments],
                        // What a client prints is what it found wrong.
                        TerminationMessagePolicy = "FallbackToLogsOnError",
                    },
                ],
            },
        };
}
