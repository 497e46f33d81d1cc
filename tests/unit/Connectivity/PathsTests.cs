using System.Net;
using Weft.Connectivity;
using Weft.Kubernetes.Objects;

namespace Weft.Tests.Unit.Connectivity;

/// <summary>Which paths are tried, and what is made of what their clients say.</summary>
public sealed class PathsTests
{
    private static readonly ConnectivityOptions Options = new("image", "/probe");

    private static readonly Topology TwoNodes = new(
        new TestNode("a", [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("fd00::1")]),
        new TestNode("b", [IPAddress.Parse("192.0.2.2")]),
        new Dictionary<string, IReadOnlyList<IPAddress>>
        {
            ["server-here"] = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("fd00:1::1")],
            ["server-there"] = [IPAddress.Parse("10.0.1.1")],
            ["guarded"] = [IPAddress.Parse("10.0.0.2")],
        },
        [IPAddress.Parse("10.96.0.1")],
        30080,
        [IPAddress.Parse("10.96.0.10")]
    );

    [Fact]
    public void Every_path_is_tried_in_each_family_it_has()
    {
        var paths = Paths.Of(TwoNodes, Options);
        Assert.Contains(
            new(Scenario.Pods, "pod to pod, same node", "client", "udp", End("[fd00:1::1]:8080"), "server-here"),
            paths
        );
        Assert.Contains(
            new(Scenario.Pods, "pod to pod, other node", "client", "tcp", End("10.0.1.1:8080"), "server-there"),
            paths
        );
        Assert.DoesNotContain(paths, path => path is { Name: "pod to pod, other node", Family: "IPv6" });
        Assert.Contains(
            new(Scenario.Services, "node to node port of other node", "node-client", "tcp", End("192.0.2.2:30080")),
            paths
        );
        Assert.Contains(new(Scenario.Dns, "pod to DNS", "client", "dns", End("10.96.0.10:53")), paths);
        Assert.Equal(
            [("client", false), ("stranger", true), ("stranger-there", true)],
            paths.Where(path => path.Scenario == Scenario.Policies).Select(path => (path.Client, path.Denied))
        );
        Assert.Equal(["pod to world"], Paths.Missing(TwoNodes, Options).Select(path => path.Name));
    }

    [Fact]
    public void A_cluster_of_one_node_says_what_was_not_tried()
    {
        var alone = TwoNodes with { There = null, Dns = [] };
        Assert.DoesNotContain(Paths.Of(alone, Options), path => path.Client == "stranger-there");
        Assert.Equal(
            ["to another node", "pod to DNS", "pod to world"],
            Paths.Missing(alone, Options).Select(path => path.Name)
        );
    }

    [Fact]
    public void Each_client_is_one_pod_that_is_given_its_paths_by_their_places()
    {
        var paths = Paths.Of(TwoNodes, Options);
        var clients = Pods.Clients("space", TwoNodes, paths, Options);
        Assert.Equal(
            ["client", "node-client", "stranger", "stranger-there"],
            clients.Select(pod => pod.Metadata.Name).Order(StringComparer.Ordinal)
        );
        Assert.Equal("b", clients.Single(pod => pod.Metadata.Name == "stranger-there").Spec!.NodeName);
        var place = paths.ToList().FindIndex(path => path.Client == "stranger");
        Assert.Equal(
            ["/probe", "try", "10", $"{place}=tcp:deny:10.0.0.2:8080"],
            clients.Single(pod => pod.Metadata.Name == "stranger").Spec!.Containers![0].Command
        );
    }

    [Theory]
    [InlineData(0, null, null)]
    [InlineData(1, "1 no answer\n12 refused", null)]
    [InlineData(1, "2 no answer\n12 refused", "no answer")]
    [InlineData(1, "", "its client failed: exit code 1, ")]
    [InlineData(139, "2 no answer", "its client failed: exit code 139, 2 no answer")]
    public void A_path_failed_if_its_client_says_so_or_did_not_come_so_far(
        int exitCode,
        string? message,
        string? problem
    ) =>
        Assert.Equal(
            problem,
            Findings.Problem(
                2,
                Ended(
                    new ContainerState
                    {
                        Terminated = new() { ExitCode = exitCode, Message = message },
                    }
                )
            )
        );

    [Fact]
    public void A_client_that_could_not_start_says_why() =>
        Assert.Equal(
            "its client did not end: ErrImagePull no such image",
            Findings.Problem(
                0,
                Ended(
                    new ContainerState
                    {
                        Waiting = new() { Reason = "ErrImagePull", Message = "no such image" },
                    }
                )
            )
        );

    [Fact]
    public void A_failure_says_what_to_look_at()
    {
        var path = new PlannedPath(
            Scenario.Policies,
            "p",
            "stranger",
            "tcp",
            End("10.0.0.2:8080"),
            "guarded",
            Denied: true
        );
        var pods = new Dictionary<string, Pod>
        {
            ["stranger"] = Ended(
                new ContainerState
                {
                    Terminated = new() { ExitCode = 1, Message = "0 was answered" },
                }
            ),
        };
        var result = Assert.Single(Findings.Of("space", [path], pods));
        Assert.Equal((PathOutcome.Failed, "was answered"), (result.Outcome, result.Problem));
        Assert.Equal(["weft explain space/stranger space/guarded 8080", "weft denials"], result.LookAt);
    }

    private static IPEndPoint End(string text) => IPEndPoint.Parse(text);

    private static Pod Ended(ContainerState state) =>
        new()
        {
            Metadata = new ObjectMeta(),
            Status = new PodStatus { ContainerStatuses = [new ContainerStatus { Name = "main", State = state }] },
        };
}
